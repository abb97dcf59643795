//! How deep fragments are in each other, counted by the compiler, so that fragments without an end do not compile.
//!
//! Each fragment is on a level, and those that it holds are on the level below. Fragments that hold each other come to the
//! last level sooner or later, where a fragment that holds others would have to be [`NotLast`].

/// A fragment whose form comes to an end from the level `L` on. Generated code implements it for a fragment on
/// [`On<L>`](On) where it holds for the fragments inside on `L::Below`.
pub trait EndsFrom<L> {}

/// A fragment is on the level `L`.
#[derive(Debug)]
pub struct On<L>(std::convert::Infallible, std::marker::PhantomData<L>);

/// Below the last level, where nothing more is asked.
#[derive(Debug)]
pub enum Ground {}

#[diagnostic::do_not_recommend]
impl<F> EndsFrom<Ground> for F {}

/// A level.
pub trait Level {
    /// Where the fragments are that a fragment on this level holds.
    type Below;
}

/// A level below which there is another.
#[diagnostic::on_unimplemented(
    message = "this fragment has no end: it holds itself, or fragments that hold each other",
    label = "the form of this fragment has no end",
    note = "write out the form in place of one of the fragments, as deep as its rows are needed"
)]
pub trait NotLast {}

macro_rules! levels {
    ($level:ident $below:ident $($rest:ident)*) => {
        /// A level.
        #[derive(Debug)]
        pub enum $level {}
        impl Level for $level {
            type Below = On<$below>;
        }
        #[diagnostic::do_not_recommend]
        impl NotLast for $level {}
        levels!($below $($rest)*);
    };
    ($last:ident) => {
        /// The last level.
        #[derive(Debug)]
        pub enum $last {}
        impl Level for $last {
            type Below = Ground;
        }
    };
}

levels!(
    L50 L49 L48 L47 L46 L45 L44 L43 L42 L41 L40 L39 L38 L37 L36 L35 L34 L33 L32 L31 L30 L29 L28 L27 L26 L25 L24 L23 L22 L21
    L20 L19 L18 L17 L16 L15 L14 L13 L12 L11 L10 L9 L8 L7 L6 L5 L4 L3 L2 L1 L0
);

/// Compiles for fragments with an end. Generated code names it for each fragment that holds others.
pub fn ends<F: EndsFrom<On<L50>>>() {}
