//! A job object, in which the worker is the only process there may be, and the
//! privileges given up that let a process act on others. Not for memory, files and the
//! network: there is no safe way to those from inside a process here.

use rustnet_sandbox::{SandboxConfig, apply_sandbox};

use super::Rule;

/// Raises it around this process, for good.
pub fn raise() -> Vec<Rule> {
    let (in_a_job, problem) = match apply_sandbox(&SandboxConfig::default()) {
        Ok(report) => (report.job_object_applied, report.message),
        Err(error) => (false, error.to_string()),
    };
    vec![Rule {
        name: "no processes, no programs (job object)".into(),
        problem: (!in_a_job).then_some(problem),
    }]
}
