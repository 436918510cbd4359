//! Landlock and seccomp. Not for resource limits.

use std::collections::BTreeMap;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};

use super::Rule;

/// The newest Landlock that the rules below know; older kernels get what they
/// have.
const LANDLOCK: ABI = ABI::V6;

/// Reading files and listing folders.
const READ: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});

/// Raises both around the calling thread, and seccomp around all threads.
pub fn raise(slot: Option<&Path>, output: Option<&Path>) -> Vec<Rule> {
    let landlock = forbid_writing(slot, output).map_err(|error| error.to_string());
    let has_landlock = landlock == Ok(RulesetStatus::FullyEnforced)
        || landlock == Ok(RulesetStatus::PartiallyEnforced);
    let writing = match &landlock {
        _ if has_landlock => Rule {
            name: "no writing outside its slot (Landlock)".into(),
            problem: None,
        },
        Ok(_) if output.is_some() => Rule {
            name: "no writing elsewhere".into(),
            problem: Some("this kernel has no Landlock".into()),
        },
        Ok(_) => Rule {
            name: "no writing (seccomp: this kernel has no Landlock)".into(),
            problem: None,
        },
        Err(problem) => Rule {
            name: "no writing (seccomp)".into(),
            problem: Some(problem.clone()),
        },
    };
    // Without Landlock nothing tells parts from other files.
    let forbid_all_writing = !has_landlock && output.is_none();
    let seccomp = forbid_calls(forbid_all_writing).err();
    let mut rules = vec![Rule {
        name: "no network, no processes, no programs (seccomp)".into(),
        problem: seccomp.clone(),
    }];
    rules.push(Rule {
        problem: writing.problem.or(seccomp.filter(|_| forbid_all_writing)),
        ..writing
    });
    rules
}

/// Raises both around this process before it becomes a command of the user's.
pub fn raise_around_command(slot: &Path) {
    let landlock = forbid_writing_of_command(slot).map_err(|error| error.to_string());
    if let Err(problem) = landlock
        .map(|_| ())
        .and_then(|()| forbid_calls_of_command())
    {
        eprintln!("the fence has a gap: {problem}");
    }
}

/// As for a worker, but programs may be run, and devices that keep nothing may be
/// written.
fn forbid_writing_of_command(slot: &Path) -> Result<RulesetStatus, RulesetError> {
    let device = AccessFs::ReadFile | AccessFs::WriteFile;
    let places = [
        (Path::new("/"), READ | AccessFs::Execute),
        (slot, AccessFs::from_all(LANDLOCK)),
        (Path::new("/dev/null"), device),
        (Path::new("/dev/zero"), device),
        (Path::new("/dev/full"), device),
    ];
    // It may send signals to its own children.
    allow_only(places, BitFlags::EMPTY)
}

/// No network, no leaving of the process group, none of the kernel's rarer doors.
fn forbid_calls_of_command() -> Result<(), String> {
    const TALK: &[i64] = &[
        // A command may talk to its own children, and send them signals.
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
    ];
    const PROCESSES: &[i64] = &[
        #[cfg(target_arch = "x86_64")]
        libc::SYS_fork,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_vfork,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_kill,
        libc::SYS_personality,
    ];
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> = REFUSED
        .iter()
        .filter(|call| !TALK.contains(call) && !PROCESSES.contains(call))
        .map(|&call| (call, vec![]))
        .collect();
    let outside = only_if(0, SeccompCmpOp::Ne, libc::AF_UNIX as u64)?;
    refused.insert(libc::SYS_socket, vec![outside]);
    refused.insert(libc::SYS_setsid, vec![]);
    refused.insert(libc::SYS_setpgid, vec![]);
    apply(refused, libc::EPERM)
}

/// Everything may be read, for sources and fonts lie anywhere; only the slot and
/// the directory for parts may be written.
fn forbid_writing(
    slot: Option<&Path>,
    output: Option<&Path>,
) -> Result<RulesetStatus, RulesetError> {
    let written = [slot, output].into_iter().flatten();
    let places = written.map(|place| (place, AccessFs::from_all(LANDLOCK)));
    let root = (Path::new("/"), READ);
    allow_only([root].into_iter().chain(places), BitFlags::all())
}

/// Allows what is named, below each place, and nothing else of what Landlock knows;
/// nothing outside is reached in the ways of `scopes`. Places that are not there are
/// passed over.
fn allow_only<'a>(
    places: impl IntoIterator<Item = (&'a Path, BitFlags<AccessFs>)>,
    scopes: BitFlags<Scope>,
) -> Result<RulesetStatus, RulesetError> {
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?;
    if !scopes.is_empty() {
        ruleset = ruleset.scope(scopes)?;
    }
    let mut ruleset = ruleset.create()?;
    for (path, access) in places {
        if let Ok(path) = PathFd::new(path) {
            ruleset = ruleset.add_rule(PathBeneath::new(path, access))?;
        }
    }
    Ok(ruleset.restrict_self()?.ruleset)
}

/// System calls that no engine needs, refused with an error and not with death:
/// a library may try one of them and go on without.
fn forbid_calls(writing_too: bool) -> Result<(), String> {
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().map(|&call| (call, vec![])).collect();
    // Threads are allowed, processes are not.
    let no_thread = only_if(0, SeccompCmpOp::MaskedEq(libc::CLONE_THREAD as u64), 0)?;
    refused.insert(libc::SYS_clone, vec![no_thread]);
    if writing_too {
        let writes = (libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC) as u64;
        let opens = [(libc::SYS_openat, 2)].into_iter().chain(OLD_OPEN);
        for (call, argument) in opens {
            let rules: Result<Vec<_>, String> = [libc::O_WRONLY, libc::O_RDWR]
                .into_iter()
                .map(|mode| {
                    let mask = SeccompCmpOp::MaskedEq(libc::O_ACCMODE as u64);
                    only_if(argument, mask, mode as u64)
                })
                .collect();
            let mut rules = rules?;
            for flag in [libc::O_CREAT, libc::O_TRUNC] {
                let flag = flag as u64 & writes;
                rules.push(only_if(argument, SeccompCmpOp::MaskedEq(flag), flag)?);
            }
            refused.insert(call, rules);
        }
        refused.extend(CHANGES.iter().map(|&call| (call, vec![])));
    }
    apply(refused, libc::EPERM)?;
    // "No such call" makes the C library use the older calls, whose arguments a
    // filter can see.
    let unseen = [libc::SYS_clone3, libc::SYS_openat2];
    apply(
        unseen.into_iter().map(|call| (call, vec![])).collect(),
        libc::ENOSYS,
    )
}

fn only_if(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(|error| error.to_string())
}

fn apply(calls: BTreeMap<i64, Vec<SeccompRule>>, error: i32) -> Result<(), String> {
    let architecture =
        TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let filter = SeccompFilter::new(
        calls,
        SeccompAction::Allow,
        SeccompAction::Errno(error as u32),
        architecture,
    )
    .map_err(|error| error.to_string())?;
    let program: BpfProgram = filter
        .try_into()
        .map_err(|error: seccompiler::BackendError| error.to_string())?;
    apply_filter_all_threads(&program).map_err(|error| error.to_string())
}

/// Network, processes, other processes, and the kernel's rarer doors, through
/// which most escapes of the last years went.
const REFUSED: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_kill,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_personality,
];

/// Opening a file before `openat`, with the argument that holds its flags.
#[cfg(target_arch = "x86_64")]
const OLD_OPEN: [(i64, u8); 1] = [(libc::SYS_open, 1)];
#[cfg(not(target_arch = "x86_64"))]
const OLD_OPEN: [(i64, u8); 0] = [];

/// Changing what is on a disk by a name.
const CHANGES: &[i64] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mkdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rmdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_link,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_symlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_mkdirat,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_truncate,
    libc::SYS_fchmodat,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_utimensat,
];
