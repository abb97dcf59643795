//! What a client may do, as types, and the users it can act for.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use secrecy::SecretString;

use crate::http::Identity;

/// Everything. Permission rules are skipped.
#[derive(Debug, Clone, Copy)]
pub enum Admin {}

/// Queries and transactions on behalf of a user, under the app's permission rules.
#[derive(Debug, Clone, Copy)]
pub enum Scoped {}

/// Only [`as_user`](crate::Db::as_user): a client that was built without an admin token.
#[derive(Debug, Clone, Copy)]
pub enum Public {}

/// One of [`Admin`], [`Scoped`] and [`Public`].
pub trait Access: sealed::Sealed + 'static {}

impl Access for Admin {}
impl Access for Scoped {}
impl Access for Public {}

// The bounds of `Db`'s methods. A method that is not there for a type would only be called missing; a bound says why.

/// Access that can read and write: [`Admin`] and [`Scoped`].
///
/// Bound code that works with any client by it:
///
/// ```
/// use instant_admin::access::CanReadAndWrite;
/// use instant_admin::{Db, Error};
///
/// async fn count<A: CanReadAndWrite>(db: &Db<A>) -> Result<usize, Error> {
///     let answer = db.query_json(serde_json::json!({ "posts": {} })).await?;
///     Ok(answer["posts"].as_array().map_or(0, Vec::len))
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a client without an admin token only acts on behalf of a user",
    label = "needs a user, or an admin token",
    note = "name the user first, as in `db.as_user(User::token(..))` or `db.as_user(User::guest())`, or build the \
            client with `.admin_token(..)`"
)]
pub trait CanReadAndWrite: Access {}

#[diagnostic::do_not_recommend]
impl CanReadAndWrite for Admin {}
#[diagnostic::do_not_recommend]
impl CanReadAndWrite for Scoped {}

/// Access that can choose a user: [`Admin`] and [`Public`]. A [`Scoped`] client has its user.
#[diagnostic::on_unimplemented(
    message = "this client acts on behalf of a user already",
    label = "the user cannot be changed",
    note = "call `as_user` on the client that it was made from"
)]
pub trait CanChooseUser: Access {}

#[diagnostic::do_not_recommend]
impl CanChooseUser for Admin {}
#[diagnostic::do_not_recommend]
impl CanChooseUser for Public {}

/// Access to what belongs to the app and not to its users, such as the schema: [`Admin`].
#[diagnostic::on_unimplemented(
    message = "only a client with an admin token, and not on behalf of a user, can do this",
    label = "needs an admin token",
    note = "call it on a `Db`, which is built with `.admin_token(..)`"
)]
pub trait HasAdminToken: Access {}

#[diagnostic::do_not_recommend]
impl HasAdminToken for Admin {}

/// The user that a client acts for; see [`Db::as_user`](crate::Db::as_user).
///
/// `By` says what acting for the user needs: nothing for [`SelfMade`], an admin token for [`ByEmail`].
#[derive(Clone)]
pub struct User<By = SelfMade> {
    identity: Identity,
    by: PhantomData<By>,
}

/// A user with a refresh token, or a guest. Acting for one needs no admin token.
#[derive(Debug, Clone, Copy)]
pub enum SelfMade {}

/// A user named by email. Acting for one needs an admin token.
#[derive(Debug, Clone, Copy)]
pub enum ByEmail {}

impl User<ByEmail> {
    /// The user with this email, written as the app has it: sign-in stores emails in lower case.
    pub fn email(email: impl Into<String>) -> Self {
        Self::new(Identity::Email(email.into().trim().into()))
    }
}

impl User<SelfMade> {
    /// The user this refresh token belongs to.
    pub fn token(refresh_token: impl Into<String>) -> Self {
        Self::new(Identity::Token(Arc::new(SecretString::from(refresh_token.into()))))
    }

    /// Nobody: rules see no `auth`.
    pub fn guest() -> Self {
        Self::new(Identity::Guest)
    }
}

impl<By> User<By> {
    fn new(identity: Identity) -> Self {
        Self { identity, by: PhantomData }
    }
}

impl<By> fmt::Debug for User<By> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.identity {
            Identity::Email(email) => f.debug_tuple("User::email").field(email).finish(),
            Identity::Token(_) => f.write_str("User::token(..)"),
            Identity::Guest | Identity::Admin => f.write_str("User::guest()"),
        }
    }
}

/// A user that a client with access `A` can act for.
#[diagnostic::on_unimplemented(
    message = "a client without an admin token cannot act as this user",
    label = "needs an admin token",
    note = "build the client with `.admin_token(..)`, or use `User::token(..)` or `User::guest()`"
)]
pub trait ActAs<A>: sealed::Sealed {
    #[doc(hidden)]
    fn into_identity(self) -> Identity;
}

#[diagnostic::do_not_recommend]
impl<By> ActAs<Admin> for User<By> {
    fn into_identity(self) -> Identity {
        self.identity
    }
}

// Not that it may: `CanChooseUser` says why it may not.
#[diagnostic::do_not_recommend]
impl<By> ActAs<Scoped> for User<By> {
    fn into_identity(self) -> Identity {
        self.identity
    }
}

#[diagnostic::do_not_recommend]
impl ActAs<Public> for User<SelfMade> {
    fn into_identity(self) -> Identity {
        self.identity
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Admin {}
    impl Sealed for super::Scoped {}
    impl Sealed for super::Public {}
    impl<By> Sealed for super::User<By> {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_user_hides_the_token() {
        assert_eq!(format!("{:?}", User::token("hunter2")), "User::token(..)");
        assert_eq!(format!("{:?}", User::email(" a@b.c ")), r#"User::email("a@b.c")"#);
        assert_eq!(format!("{:?}", User::guest()), "User::guest()");
    }
}
