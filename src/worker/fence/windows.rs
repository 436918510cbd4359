//! A job object, in which the worker is the only process there may be, and the
//! privileges given up that let a process act on others. Not for memory, files and the
//! network: there is no safe way to those from inside a process here.

use rustnet_sandbox::{SandboxConfig, apply_sandbox};

/// Raises it around this process, for good. Returns why it is missing, if it is.
pub fn raise() -> Option<String> {
    match apply_sandbox(&SandboxConfig::default()) {
        Ok(report) => (!report.job_object_applied).then_some(report.message),
        Err(error) => Some(error.to_string()),
    }
}
