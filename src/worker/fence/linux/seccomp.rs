//! Which system calls there are: seccomp. A worker has those that are named here and no
//! others; a command of the user's has all but those that are named. Refused with an error
//! and not with death: a library may try one of them and go on without. Not for paths
//! (`landlock`).

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};

type Calls = BTreeMap<i64, Vec<SeccompRule>>;

/// "No such call" makes the C library use the older calls, whose arguments a filter can
/// see.
const ARGUMENTS_UNSEEN: &[i64] = &[libc::SYS_clone3, libc::SYS_openat2];

/// Leaves all threads of this process what drawing and writing take, and nothing else.
/// Where `may_write` is false, no file is opened for writing, made or deleted: for
/// kernels without Landlock.
pub fn allow_only_drawing(may_write: bool) -> Result<(), String> {
    let mut allowed: Calls = DRAWING.iter().map(|&call| (call, vec![])).collect();
    // Answered by the other filter.
    allowed.extend(ARGUMENTS_UNSEEN.iter().map(|&call| (call, vec![])));
    let own = u64::from(std::process::id());
    let thread = only_if(
        0,
        masked(libc::CLONE_THREAD as u64),
        libc::CLONE_THREAD as u64,
    )?;
    allowed.insert(libc::SYS_clone, vec![thread]);
    // A process that gives up signals itself.
    for call in [libc::SYS_tgkill, libc::SYS_kill] {
        allowed.insert(call, vec![only_if(0, SeccompCmpOp::Eq, own)?]);
    }
    allowed.insert(libc::SYS_prlimit64, vec![only_if(0, SeccompCmpOp::Eq, 0)?]);
    for (call, argument, values) in [
        (libc::SYS_fcntl, 1, FCNTL),
        (libc::SYS_ioctl, 1, IOCTL),
        (libc::SYS_prctl, 0, PRCTL),
    ] {
        let rules: Result<Vec<_>, String> = values
            .iter()
            .map(|&value| only_if(argument, SeccompCmpOp::Eq, value))
            .collect();
        allowed.insert(call, rules?);
    }
    // No code that was not there before the fence.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let data = only_if(2, masked(libc::PROT_EXEC as u64), 0)?;
        allowed.insert(call, vec![data]);
    }
    let opens = [(libc::SYS_openat, 2)].into_iter().chain(OLD_OPEN);
    for (call, argument) in opens {
        let rules = match may_write {
            true => vec![],
            false => {
                let changes = libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC;
                vec![only_if(
                    argument,
                    masked(changes as u64),
                    libc::O_RDONLY as u64,
                )?]
            }
        };
        allowed.insert(call, rules);
    }
    if may_write {
        allowed.extend(DELETING.iter().map(|&call| (call, vec![])));
    }
    let allow = SeccompAction::Allow;
    refuse_unseen()?;
    apply(allowed, SeccompAction::Errno(libc::EPERM as u32), allow)
}

/// Takes from all threads of this process, and all that they start, what a command of the
/// user's has no need of.
pub fn refuse_command() -> Result<(), String> {
    let mut refused: Calls = REFUSED_TO_COMMANDS
        .iter()
        .map(|&call| (call, vec![]))
        .collect();
    // What it names may only be itself.
    for (call, argument) in [
        (libc::SYS_prlimit64, 0),
        (libc::SYS_setpriority, 1),
        (libc::SYS_ioprio_set, 1),
        (libc::SYS_sched_setaffinity, 0),
        (libc::SYS_sched_setscheduler, 0),
        (libc::SYS_sched_setparam, 0),
        (libc::SYS_sched_setattr, 0),
    ] {
        refused.insert(call, vec![only_if(argument, SeccompCmpOp::Ne, 0)?]);
    }
    // To its own children by a pair of sockets, to nobody else by an address.
    let address = SeccompCondition::new(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(|error| error.to_string())?;
    refused.insert(libc::SYS_sendto, vec![address]);
    let outside = only_if(0, SeccompCmpOp::Ne, libc::AF_UNIX as u64)?;
    refused.insert(libc::SYS_socketpair, vec![outside]);
    let namespaces: Result<Vec<_>, String> = NAMESPACES
        .iter()
        .map(|&flag| only_if(0, masked(flag as u64), flag as u64))
        .collect();
    refused.insert(libc::SYS_clone, namespaces?);
    let ioctl: Result<Vec<_>, String> = IOCTL_REFUSED_TO_COMMANDS
        .iter()
        .map(|&value| only_if(1, SeccompCmpOp::Eq, value))
        .collect();
    refused.insert(libc::SYS_ioctl, ioctl?);
    #[cfg(target_arch = "x86_64")]
    {
        // The same calls by the numbers of the x32 interface.
        const X32: i64 = 0x4000_0000;
        let again: Calls = refused
            .iter()
            .map(|(call, rules)| (call | X32, rules.clone()))
            .collect();
        refused.extend(again);
    }
    let allow = SeccompAction::Allow;
    refuse_unseen()?;
    apply(refused, allow, SeccompAction::Errno(libc::EPERM as u32))
}

fn refuse_unseen() -> Result<(), String> {
    // Programs fall back to a file where there is no file in memory.
    let calls = ARGUMENTS_UNSEEN.iter().chain(&[libc::SYS_memfd_create]);
    let calls = calls.map(|&call| (call, vec![])).collect();
    let no_such_call = SeccompAction::Errno(libc::ENOSYS as u32);
    apply(calls, SeccompAction::Allow, no_such_call)
}

fn masked(mask: u64) -> SeccompCmpOp {
    SeccompCmpOp::MaskedEq(mask)
}

/// The lower half of an argument, which is all that the kernel takes of flags and numbers
/// of processes.
fn only_if(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(|error| error.to_string())
}

fn apply(calls: Calls, others: SeccompAction, named: SeccompAction) -> Result<(), String> {
    let architecture =
        TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let filter = SeccompFilter::new(calls, others, named, architecture)
        .map_err(|error| error.to_string())?;
    let program: BpfProgram = filter
        .try_into()
        .map_err(|error: seccompiler::BackendError| error.to_string())?;
    apply_filter_all_threads(&program).map_err(|error| error.to_string())
}

/// What drawing, measuring and writing take: found by tracing workers with both engines
/// over many documents, and by reading what the C library calls for memory, threads,
/// time and files. Nothing here acts on another process, on a name outside of what
/// Landlock allows, or on modes, owners and times.
const DRAWING: &[i64] = &[
    // Files that are open, and what may be opened.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_fadvise64,
    libc::SYS_flock,
    libc::SYS_dup,
    // Receiving requests and the documents that come with them.
    libc::SYS_recvmsg,
    libc::SYS_recvfrom,
    libc::SYS_ppoll,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    // Threads.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Its own signals.
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    // Who and when it is, and what it has used.
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_getcpu,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_times,
    libc::SYS_gettimeofday,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    // The same by older numbers.
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_getdents,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_getrlimit,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_setrlimit,
];

/// Deleting what it has made, where Landlock keeps it to its own directories.
const DELETING: &[i64] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    libc::SYS_unlinkat,
];

/// Copies, flags and locks of open files; not `F_SETOWN`, which sends signals.
const FCNTL: &[u64] = &[
    libc::F_DUPFD as u64,
    libc::F_DUPFD_CLOEXEC as u64,
    libc::F_GETFD as u64,
    libc::F_SETFD as u64,
    libc::F_GETFL as u64,
    libc::F_SETFL as u64,
];

/// Whether it is a terminal.
const IOCTL: &[u64] = &[libc::TCGETS];

/// Names of threads and of memory, and whether its memory is closed to others.
const PRCTL: &[u64] = &[
    libc::PR_SET_NAME as u64,
    libc::PR_GET_NAME as u64,
    libc::PR_SET_VMA as u64,
    libc::PR_GET_DUMPABLE as u64,
    libc::PR_GET_NO_NEW_PRIVS as u64,
];

/// Opening a file before `openat`, with the argument that holds its flags.
#[cfg(target_arch = "x86_64")]
const OLD_OPEN: [(i64, u8); 1] = [(libc::SYS_open, 1)];
#[cfg(not(target_arch = "x86_64"))]
const OLD_OPEN: [(i64, u8); 0] = [];

const NAMESPACES: &[i32] = &[
    libc::CLONE_NEWNS,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWCGROUP,
];

/// Calls that came after 6.6 and that the C library's headers do not name yet; their
/// numbers are the same on all architectures (`include/uapi/asm-generic/unistd.h`).
const FCHMODAT2: i64 = 452;
const SETXATTRAT: i64 = 463;
const REMOVEXATTRAT: i64 = 466;
const OPEN_TREE_ATTR: i64 = 467;
const FILE_SETATTR: i64 = 469;

/// Network and sockets with names, the process group, other processes, modes, owners,
/// times and attributes (which Landlock does not know), memory that outlives its
/// process, and the kernel's rarer doors, through which most escapes of the last years
/// went.
const REFUSED_TO_COMMANDS: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_pidfd_getfd,
    libc::SYS_ptrace,
    libc::SYS_kcmp,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    SETXATTRAT,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    REMOVEXATTRAT,
    FILE_SETATTR,
    libc::SYS_shmget,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    OPEN_TREE_ATTR,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
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
    libc::SYS_fanotify_init,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
    libc::SYS_vhangup,
];

/// Attributes of a file that is open for reading, and typing into a terminal
/// (`include/uapi/linux/fs.h`, `asm-generic/ioctls.h`).
const IOCTL_REFUSED_TO_COMMANDS: &[u64] = &[
    0x4008_6602, // FS_IOC_SETFLAGS
    0x4004_6602, // FS_IOC32_SETFLAGS
    0x401c_5820, // FS_IOC_FSSETXATTR
    0x5412,      // TIOCSTI
    0x541c,      // TIOCLINUX
];
