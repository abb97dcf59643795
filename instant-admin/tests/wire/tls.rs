//! HTTPS to a server whose certificate is signed by an authority that the test creates.

use std::sync::Arc;

use instant_admin::Error;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::{assert_keeps_secrets, builder};

/// A server that answers every request with an empty page, and the PEM of the authority that vouches for `name`.
async fn start(name: &str) -> (String, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 4096];
                while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"posts\":[]}";
                    stream.write_all(answer).await.unwrap();
                }
            });
        }
    });
    (format!("https://localhost:{port}"), pem)
}

async fn query(url: &str, pems: &[&str]) -> Result<Value, Error> {
    let builder = pems.iter().fold(builder(url).retries(0), |builder, pem| builder.root_certificate(*pem));
    builder.build().unwrap().query_json(json!({ "posts": {} })).await
}

#[tokio::test]
async fn a_server_is_trusted_by_the_authority_that_the_client_was_given() {
    let (url, pem) = start("localhost").await;
    assert_eq!(query(&url, &[&pem]).await.unwrap(), json!({ "posts": [] }));
    let (_, other) = start("localhost").await;
    assert!(query(&url, &[&other, &pem]).await.is_ok());
    assert!(query(&url, &[&format!("{other}\n{pem}")]).await.is_ok());
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused_with_what_to_do() {
    let (url, _) = start("localhost").await;
    let (_, other) = start("localhost").await;
    let error = query(&url, &[&other]).await.unwrap_err();
    assert!(error.is_unreachable() && !error.may_have_been_applied());
    assert!(
        error.message().starts_with(&format!("could not connect to {url}: invalid peer certificate")),
        "{error}"
    );
    assert!(error.message().ends_with("give that to .root_certificate(..)"), "{error}");
    assert_keeps_secrets(&error);
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let (url, pem) = start("instant.example").await;
    let error = query(&url, &[&pem]).await.unwrap_err();
    assert!(error.is_unreachable() && error.message().contains("not valid for name"), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_under_an_https_url_is_an_error() {
    let (_, pem) = start("localhost").await;
    let plain = crate::raw::Raw::start(|_| crate::raw::answer("application/json", "{}")).await;
    let error = query(&plain.url.replace("http:", "https:"), &[&pem]).await.unwrap_err();
    assert!(error.is_unreachable(), "{error}");
}
