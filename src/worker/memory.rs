//! How much memory a worker takes, for systems that hold no process to a limit by
//! themselves: the host asks now and then and ends what takes too much. Not for Linux,
//! where the kernel refuses (`fence`).

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Watches one process.
pub struct MemoryWatch {
    system: System,
    process: Pid,
}

impl MemoryWatch {
    /// Watches the process with this number.
    pub fn new(process: u32) -> Self {
        Self {
            system: System::new(),
            process: Pid::from_u32(process),
        }
    }

    /// Bytes that it has taken; none where it has ended.
    pub fn taken(&mut self) -> Option<u64> {
        let which = ProcessesToUpdate::Some(&[self.process]);
        let what = ProcessRefreshKind::nothing().with_memory();
        self.system.refresh_processes_specifics(which, true, what);
        let process = self.system.process(self.process)?;
        // What was moved out to disk counts on Windows; elsewhere this would be address
        // space, which may only have been set aside.
        let moved_out = match cfg!(windows) {
            true => process.virtual_memory(),
            false => 0,
        };
        Some(process.memory().max(moved_out))
    }
}
