//! What keeps traits from being implemented outside this crate, and outside generated code.

/// The type of a constant that every impl of a sealed trait has. Other crates cannot name it:
///
/// ```compile_fail,E0046
/// struct Shout(String);
///
/// impl instant_admin::value::StringFor<()> for Shout {
///     fn into_value(self) -> Result<serde_json::Value, instant_admin::value::ValueError> {
///         Ok(self.0.to_uppercase().into())
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Sealed;

/// The same for traits that generated code implements, which finds it in `__private`.
#[derive(Debug, Clone, Copy)]
pub struct Generated;
