//! How much memory the machine lets this program have, and what each worker gets of
//! it, so that all of them together stay within it. Not for holding a worker to its
//! share (`fence`, `memory`).

/// Of all memory, workers may take so much: the rest is for the host, other programs
/// and what the system keeps of files.
const FOR_WORKERS: f64 = 0.75;

/// With less a worker draws no ordinary scan, bytes. What it sets aside for its stack
/// and its threads counts.
const LEAST: u64 = 512 << 20;

/// No page that people made needs more, bytes.
const MOST: u64 = 4 << 30;

/// What workers get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// How many work at a time.
    pub workers: usize,
    /// Memory of each, bytes.
    pub memory: u64,
}

/// What so many workers get of so much memory (none: not known): each its share, and
/// where that is too small to work with, fewer of them.
pub fn share(memory: Option<u64>, workers: usize) -> Shares {
    let workers = workers.max(1);
    let Some(memory) = memory else {
        return Shares {
            workers,
            memory: MOST,
        };
    };
    let all = (memory as f64 * FOR_WORKERS) as u64;
    let most = usize::try_from(all / LEAST).unwrap_or(usize::MAX);
    let workers = workers.min(most.max(1));
    Shares {
        workers,
        memory: (all / workers as u64).clamp(LEAST, MOST),
    }
}

/// Workers that were given so much memory each have more than the machine.
pub fn is_too_much(total: Option<u64>, workers: usize, memory: u64) -> bool {
    total.is_some_and(|total| memory.saturating_mul(workers as u64) > total)
}

/// Memory that this program can have at most, bytes: the machine's, or less where it
/// runs in a container. None where the system does not say.
#[cfg(target_os = "linux")]
pub fn memory() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = total_of(&read("/proc/meminfo")?)?;
    let groups = read("/proc/self/cgroup").unwrap_or_default();
    let limits = limit_files(&groups)
        .into_iter()
        .filter_map(|path| read(&path)?.trim().parse::<u64>().ok());
    Some(limits.fold(machine, u64::min))
}

/// Memory that this machine has, bytes.
#[cfg(not(target_os = "linux"))]
pub fn memory() -> Option<u64> {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    Some(system.total_memory()).filter(|total| *total > 0)
}

/// The line `MemTotal` of `/proc/meminfo`, in bytes.
#[cfg(target_os = "linux")]
fn total_of(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Files that may say a limit for the groups of `/proc/self/cgroup`, and those above
/// them, whose limits count as well: cgroups(7), both versions. A group without one
/// says "max", or a number larger than any memory.
#[cfg(target_os = "linux")]
fn limit_files(groups: &str) -> Vec<String> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (fields.next(), fields.next()) else {
            continue;
        };
        let (mount, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            list if list.split(',').any(|one| one == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let mut group = group.trim_end_matches('/');
        loop {
            files.push(format!("{mount}{group}/{file}"));
            match group.rsplit_once('/') {
                Some((above, _)) => group = above,
                None => break,
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn workers_of_a_large_machine_have_plenty_and_those_of_a_small_one_their_share() {
        let of = |gib: u64, workers| share(Some(gib << 30), workers);
        assert_eq!(of(64, 8).memory, MOST);
        assert_eq!(of(8, 2).memory, 3 << 30);
        let small = of(2, 8);
        assert_eq!((small.workers, small.memory), (3, LEAST));
        assert_eq!(share(None, 8).workers, 8);
    }

    proptest! {
        #[test]
        fn together_they_stay_within_memory(gib in 1u64..1000, workers in 1usize..300) {
            let shares = share(Some(gib << 30), workers);
            prop_assert!(shares.workers >= 1 && shares.workers <= workers);
            prop_assert!(shares.memory >= LEAST);
            prop_assert!(!is_too_much(Some(gib << 30), shares.workers, shares.memory));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn limits_of_groups_above_are_looked_at_too() {
        assert_eq!(
            limit_files("0::/user.slice/a\n"),
            [
                "/sys/fs/cgroup/user.slice/a/memory.max",
                "/sys/fs/cgroup/user.slice/memory.max",
                "/sys/fs/cgroup/memory.max",
            ]
        );
        assert_eq!(
            limit_files("5:cpu:/x\n4:memory:/docker/b\n"),
            [
                "/sys/fs/cgroup/memory/docker/b/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            ]
        );
        assert_eq!(
            total_of("MemTotal:  2048 kB\nMemFree: 1 kB\n"),
            Some(2 << 20)
        );
    }
}
