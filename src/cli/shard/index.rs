//! Which shard a process is to do, as the engines that start it say in its environment. Not
//! for options.
//!
//! Engines count from 0, from 1, or from wherever the range begins that somebody asked for:
//!
//! | engine | variable | begins with |
//! |---|---|---|
//! | Slurm | `SLURM_ARRAY_TASK_ID` | `SLURM_ARRAY_TASK_MIN`, in steps of `_STEP` |
//! | Grid Engine | `SGE_TASK_ID` | `SGE_TASK_FIRST`, in steps of `SGE_TASK_STEPSIZE` |
//! | LSF | `LSB_JOBINDEX` | 1; 0 outside of arrays |
//! | GNU parallel | `PARALLEL_SEQ` | 1 |
//! | AWS Batch | `AWS_BATCH_JOB_ARRAY_INDEX` | 0 |
//! | Kubernetes | `JOB_COMPLETION_INDEX` | 0 |
//! | PBS | `PBS_ARRAY_INDEX` | the range's own: it has to be 0 to N-1 |
//! | HyperQueue | `HQ_TASK_ID` | the range's own: it has to be 0 to N-1 |
//!
//! Where an engine says how many tasks there are, that has to be how many shards the plan
//! has: part of an array begun anew would otherwise be taken for the first shards.

/// The shard, counted from 0, or what is wrong, in words. `variable` is the environment.
pub fn index(shards: usize, variable: impl Fn(&str) -> Option<String>) -> Result<u32, String> {
    let array = Array {
        shards,
        variable: &variable,
    };
    let found = [
        array.slurm(),
        array.grid_engine(),
        array.counted("LSB_JOBINDEX", 1),
        array.counted("PARALLEL_SEQ", 1),
        array.counted("AWS_BATCH_JOB_ARRAY_INDEX", 0),
        array.counted("JOB_COMPLETION_INDEX", 0),
        array.counted("PBS_ARRAY_INDEX", 0),
        array.counted("HQ_TASK_ID", 0),
    ];
    let mut found = found.into_iter().flatten();
    let (name, index) = found.next().ok_or(
        "which shard is to be done? Name it with --index, counted from 0; no variable of an \
         engine for batches says it",
    )?;
    if let Some((other, _)) = found.find(|(_, other)| *other != index) {
        return Err(format!(
            "{name} and {other} do not say the same shard; name it with --index"
        ));
    }
    index
}

/// What a variable says: its name, and the index or what is wrong with it.
type Said = Option<(&'static str, Result<u32, String>)>;

struct Array<'a> {
    shards: usize,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Array<'_> {
    fn slurm(&self) -> Said {
        let name = "SLURM_ARRAY_TASK_ID";
        let task = self.said(name)?;
        let count = self.number("SLURM_ARRAY_TASK_COUNT");
        let first = self.number("SLURM_ARRAY_TASK_MIN").unwrap_or(0);
        let step = self.number("SLURM_ARRAY_TASK_STEP").unwrap_or(1);
        Some((name, self.stepped(name, &task, (first, step), count)))
    }

    fn grid_engine(&self) -> Said {
        let name = "SGE_TASK_ID";
        // What a job that is no array has.
        let task = self.said(name).filter(|task| task != "undefined")?;
        let first = self.number("SGE_TASK_FIRST").unwrap_or(1);
        let step = self.number("SGE_TASK_STEPSIZE").unwrap_or(1).max(1);
        let last = self.number("SGE_TASK_LAST");
        let count = last.map(|last| (last - first) / step + 1);
        Some((name, self.stepped(name, &task, (first, step), count)))
    }

    /// Of an engine that always counts from `first`.
    fn counted(&self, name: &'static str, first: i64) -> Said {
        let task = self.said(name)?;
        // LSF gives 0 to jobs that are no arrays.
        if name == "LSB_JOBINDEX" && task == "0" {
            return None;
        }
        Some((name, self.stepped(name, &task, (first, 1), None)))
    }

    fn stepped(
        &self,
        name: &str,
        task: &str,
        (first, step): (i64, i64),
        count: Option<i64>,
    ) -> Result<u32, String> {
        let shards = self.shards;
        if let Some(count) = count
            && usize::try_from(count) != Ok(shards)
        {
            return Err(format!(
                "the array has {count} tasks and the plan {shards} shards, so that {name} does \
                 not tell which is meant; name it with --index"
            ));
        }
        let wrong = || format!("{name}={task} is no task of {shards}, where the first is {first}");
        let task: i64 = task.parse().map_err(|_| wrong())?;
        let from_first = task.checked_sub(first).ok_or_else(wrong)?;
        let step = step.max(1);
        match (from_first % step, u32::try_from(from_first / step)) {
            (0, Ok(index)) if (index as usize) < shards => Ok(index),
            _ => Err(wrong()),
        }
    }

    fn said(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.said(name)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shards: usize, variables: &[(&str, &str)]) -> Result<u32, String> {
        index(shards, |name| {
            let mut variables = variables.iter();
            let found = variables.find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn each_engine_counts_from_where_it_does() {
        for (name, first) in [
            ("LSB_JOBINDEX", 1),
            ("PARALLEL_SEQ", 1),
            ("SGE_TASK_ID", 1),
            ("AWS_BATCH_JOB_ARRAY_INDEX", 0),
            ("JOB_COMPLETION_INDEX", 0),
            ("PBS_ARRAY_INDEX", 0),
            ("HQ_TASK_ID", 0),
            ("SLURM_ARRAY_TASK_ID", 0),
        ] {
            for shard in 0..4 {
                let task = (first + shard).to_string();
                assert_eq!(of(4, &[(name, &task)]), Ok(shard), "{name}={task}");
            }
            for beyond in [first + 4, first.wrapping_sub(1)] {
                let beyond = beyond.cast_signed().to_string();
                assert!(of(4, &[(name, &beyond)]).is_err(), "{name}={beyond}");
            }
            assert!(of(4, &[(name, "two")]).is_err());
        }
    }

    #[test]
    fn ranges_and_steps_are_known() {
        let slurm = |task| {
            [
                ("SLURM_ARRAY_TASK_ID", task),
                ("SLURM_ARRAY_TASK_MIN", "10"),
                ("SLURM_ARRAY_TASK_STEP", "5"),
                ("SLURM_ARRAY_TASK_COUNT", "3"),
            ]
        };
        assert_eq!(of(3, &slurm("10")), Ok(0));
        assert_eq!(of(3, &slurm("20")), Ok(2));
        assert!(of(3, &slurm("12")).is_err());
        // Some tasks of an array, begun anew.
        assert!(of(8, &slurm("15")).unwrap_err().contains("3 tasks"));
        let grid = [
            ("SGE_TASK_ID", "7"),
            ("SGE_TASK_FIRST", "1"),
            ("SGE_TASK_LAST", "8"),
            ("SGE_TASK_STEPSIZE", "2"),
        ];
        assert_eq!(of(4, &grid), Ok(3));
    }

    #[test]
    fn what_is_not_an_array_says_nothing_and_two_must_agree() {
        assert!(of(4, &[]).unwrap_err().contains("--index"));
        let none = [("SGE_TASK_ID", "undefined"), ("LSB_JOBINDEX", "0")];
        assert!(of(4, &none).unwrap_err().contains("--index"));
        let both = |task| [("SLURM_ARRAY_TASK_ID", "2"), ("PARALLEL_SEQ", task)];
        assert_eq!(of(4, &both("3")), Ok(2));
        assert!(of(4, &both("1")).unwrap_err().contains("PARALLEL_SEQ"));
    }
}
