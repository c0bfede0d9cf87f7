//! CPU time as the kernel counts it, in hundredths of a second.

use std::io;

/// What a process used so far, in seconds.
pub fn of_process(pid: u32) -> io::Result<f64> {
    let ticks = fields(pid)?.into_iter().skip(UTIME).take(2).sum::<f64>();
    Ok(ticks / TICKS_A_SECOND)
}

/// What a process and the children that it has or had used so far, in seconds.
pub fn of_family(pid: u32) -> io::Result<f64> {
    let mut ticks = 0.0;
    for entry in std::fs::read_dir("/proc")? {
        let Some(other) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process may be gone before it is read; its parent then has its time.
        let Ok(fields) = fields(other) else { continue };
        if other == pid || fields.get(PARENT) == Some(&f64::from(pid)) {
            ticks += fields.into_iter().skip(UTIME).take(4).sum::<f64>();
        }
    }
    Ok(ticks / TICKS_A_SECOND)
}

const TICKS_A_SECOND: f64 = 100.0;
/// Places in `/proc/PID/stat` after the name: the parent, and the first of the times of itself and of its ended children.
const PARENT: usize = 1;
const UTIME: usize = 11;

fn fields(pid: u32) -> io::Result<Vec<f64>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    Ok(after_name.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect())
}
