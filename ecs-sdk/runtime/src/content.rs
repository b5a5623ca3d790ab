//! Content of user data, commands and files, which the API transfers in Base64.
//!
//! The guide is [`guide::user_data`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/user_data/index.html).
//!
//! Setters such as `user_data` and `command_content` take content, bytes or a string, and encode it. The setters whose names
//! end in `_base64` take content that is in Base64 already. Nothing guesses: content that looks like Base64 is encoded
//! once more.
//!
//! The fields of requests and responses contain the string that is transferred, and so do serde and
//! [`CallOptions::parameter`](crate::CallOptions::parameter). A method whose name ends in `_decoded` returns the [`Content`] of a response's field.
//!
//! A request with content that is larger than the service accepts fails before it is sent.
//!
//! ```no_run
//! # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
//! let script = "#!/bin/sh\necho ready\n";
//! client
//!     .modify_instance_attribute()
//!     .instance_id("i-bp67acfmxazb4p****")
//!     .user_data(script)
//!     .send()
//!     .await?;
//!
//! let response = client.describe_user_data().instance_id("i-bp67acfmxazb4p****").send().await?;
//! assert_eq!(response.user_data, "IyEvYmluL3NoCmVjaG8gcmVhZHkK");
//! assert_eq!(response.user_data_decoded()?, script);
//! # Ok(())
//! # }
//! ```

#[doc(hidden)]
pub use ecs_sdk_model::content::Encoding;
#[doc(inline)]
pub use ecs_sdk_model::content::{Content, InvalidContent, encode};
