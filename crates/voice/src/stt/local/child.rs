//! The recogniser's process: loads the library, answers one utterance after the other, and ends when its input ends.
//!
//! It is the server's own program, called with the one argument `recogniser`. It has hard limits on memory and on the
//! time one utterance may take of a processor; where it crosses one, or the library fails, it dies, and the server
//! starts another.

use std::io::{self, BufReader, Read, Write};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::ears::Ears;
use super::protocol::{Answer, Request, Utterance, read, read_samples, write};

/// Bytes of memory the process may write to: the model takes a tenth of it.
const DATA_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Seconds of a processor for loading the model, and for one utterance.
const CPU_SECONDS_MAX: u64 = 30;

/// Serves a server over `input` and `output` until `input` ends. Limits the whole process: call it from a program that
/// does nothing else.
///
/// # Errors
/// Where the limits cannot be set, a message is malformed, or the server is gone.
pub fn run(input: impl Read, output: impl Write) -> io::Result<()> {
    limit(Resource::Data, DATA_BYTES_MAX)?;
    limit(Resource::Core, 0)?;
    serve(BufReader::new(input), output, allow_more_time)
}

/// Lowers a limit, never raising what the operator has set.
fn limit(resource: Resource, value: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum;
    let current = Some(maximum.map_or(value, |m| m.min(value)));
    Ok(setrlimit(resource, Rlimit { current, maximum })?)
}

/// The limit on processor time counts from the start of the process, so it moves along.
fn allow_more_time() -> io::Result<()> {
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
    limit(Resource::Cpu, u64::try_from(used).unwrap_or_default() + CPU_SECONDS_MAX)
}

fn serve(
    mut input: impl Read,
    mut output: impl Write,
    before_each: impl Fn() -> io::Result<()>,
) -> io::Result<()> {
    let mut ears = None;
    while let Some(request) = read(&mut input)? {
        before_each()?;
        let answer = match request {
            Request::Open { library, model } => match Ears::open(&library, &model) {
                Ok(opened) => {
                    ears = Some(opened);
                    Answer::Ready
                }
                Err(error) => Answer::Failed { why: error.to_string() },
            },
            Request::Learn { names } => learn(ears.as_mut(), &names),
            Request::Listen(utterance) => {
                let samples = read_samples(&mut input, utterance.samples)?;
                listen(ears.as_mut(), &utterance, &samples)
            }
        };
        write(&mut output, &answer)?;
    }
    Ok(())
}

fn learn(ears: Option<&mut Ears>, names: &[String]) -> Answer {
    let Some(ears) = ears else { return unopened() };
    match ears.learn(names) {
        Ok(()) => Answer::Ready,
        Err(error) => Answer::Failed { why: error.to_string() },
    }
}

fn unopened() -> Answer {
    Answer::Failed { why: "no model was opened".to_owned() }
}

fn listen(ears: Option<&mut Ears>, utterance: &Utterance, samples: &[i16]) -> Answer {
    let Some(ears) = ears else { return unopened() };
    match ears.listen(utterance, samples) {
        Ok(Some(words)) => Answer::Heard(words),
        Ok(None) => Answer::Nothing,
        Err(error) => Answer::Failed { why: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::super::protocol::frame;
    use super::*;
    use crate::stt::Expecting;

    fn answers(bytes: &[u8]) -> Vec<Answer> {
        let mut output = Vec::new();
        serve(bytes, &mut output, || Ok(())).unwrap();
        let mut output = &output[..];
        std::iter::from_fn(|| read(&mut output).unwrap()).collect()
    }

    #[test]
    fn a_library_that_is_not_there_is_answered_and_is_no_crash() {
        let open = Request::Open { library: "/nowhere/lib.so".into(), model: "/nowhere".into() };
        let listen = Request::Listen(Utterance {
            expecting: Expecting::Anything,
            names: Vec::new(),
            source_rate_hz: 16_000,
            samples: 1,
        });
        let learn = Request::Learn { names: vec!["Tomato".to_owned()] };
        let frames = [&open, &learn, &listen].map(|request| frame(request).unwrap());
        let bytes = [frames.concat(), vec![0, 0]].concat();
        let failed = |why: &str| Answer::Failed { why: why.to_owned() };
        assert_eq!(
            answers(&bytes),
            [
                failed("the speech recognition library cannot be loaded"),
                failed("no model was opened"),
                failed("no model was opened")
            ]
        );
    }

    #[test]
    fn a_malformed_message_ends_the_process() {
        let broken = serve(&b"\x02\0\0\0{}"[..], Vec::new(), || Ok(()));
        assert_eq!(broken.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
