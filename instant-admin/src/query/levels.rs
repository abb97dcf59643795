//! How deep fragments are in each other, counted by the compiler, so that fragments without an end do not compile.

/// A fragment whose forms come to an end below `L` more levels. Generated code implements it for each fragment where it
/// holds for those inside, on the next level.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a fragment",
    label = "expected a fragment",
    note = "`fragment! {{ pub Name on <entity> {{ .. }} }}` makes one"
)]
pub trait EndsWithin<L> {}

/// A level below which there are others: all but the last, which only fragments without an end come to.
#[diagnostic::on_unimplemented(
    message = "this fragment holds itself, or fragments that hold each other",
    label = "the form of this fragment has no end",
    note = "write out a form in place of one of the fragments, as deep as the rows are needed"
)]
pub trait Level {
    /// The level below.
    type Next;
}

macro_rules! levels {
    ($level:ident $next:ident $($rest:ident)*) => {
        #[derive(Debug)]
        pub enum $level {}
        #[diagnostic::do_not_recommend]
        impl Level for $level {
            type Next = $next;
        }
        levels!($next $($rest)*);
    };
    ($last:ident) => {
        #[derive(Debug)]
        pub enum $last {}
    };
}

levels!(
    L50 L49 L48 L47 L46 L45 L44 L43 L42 L41 L40 L39 L38 L37 L36 L35 L34 L33 L32 L31 L30 L29 L28 L27 L26 L25 L24 L23 L22 L21
    L20 L19 L18 L17 L16 L15 L14 L13 L12 L11 L10 L9 L8 L7 L6 L5 L4 L3 L2 L1 L0
);

/// Compiles for fragments with an end. Generated code names it for each fragment that holds others.
pub fn ends<F: EndsWithin<L50>>() {}
