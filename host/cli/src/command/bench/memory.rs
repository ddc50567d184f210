//! What this process takes of the memory, as Linux tells it.

/// Where Linux tells it.
const STATUS: &str = "/proc/self/status";

/// Of this process, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    /// In use now.
    pub(super) resident: u64,
    /// In use at its highest.
    pub(super) peak: u64,
}

impl Memory {
    /// `None` on systems that tell it elsewhere.
    pub(super) fn of_this_process() -> Option<Self> {
        Self::told(&std::fs::read_to_string(STATUS).ok()?)
    }

    fn told(status: &str) -> Option<Self> {
        let bytes = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
            kibibytes.checked_mul(1024)
        };
        Some(Self { resident: bytes("VmRSS:")?, peak: bytes("VmHWM:")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_in_kibibytes() {
        let status = "Name:\tmpp\nVmHWM:\t   75012 kB\nVmRSS:\t    1024 kB\nThreads:\t4\n";
        assert_eq!(Memory::told(status), Some(Memory { resident: 1 << 20, peak: 75_012 << 10 }));
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        for status in ["", "VmRSS:\t1024 kB\n", "VmHWM:\t1 kB\nVmRSS:\tmuch\n"] {
            assert_eq!(Memory::told(status), None, "{status}");
        }
    }
}
