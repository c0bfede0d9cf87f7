//! A mail server on this machine that takes every letter and keeps it.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mail_parser::MessageParser;
use mailin::{Action, Handler, Response, SessionBuilder, response};
use serde::Serialize;

/// How long a test waits for a letter.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A letter as it came.
#[derive(Debug, Clone, Serialize)]
pub struct Mail {
    /// Whom the server was told to give it to.
    pub to: Vec<String>,
    /// What it is about.
    pub subject: String,
    /// Its text, decoded.
    pub text: String,
    /// The letter as it went over the wire.
    pub source: String,
}

/// A real SMTP server, which ends with the process.
#[derive(Debug)]
pub struct Mailbox {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    kept: Mutex<VecDeque<Mail>>,
    /// With what it refuses; 0: it takes everything.
    refusal: AtomicU16,
}

/// One conversation.
#[derive(Debug, Clone)]
struct Clerk {
    state: Arc<State>,
    to: Vec<String>,
    bytes: Vec<u8>,
}

impl Mailbox {
    /// Opens one at a free port of this machine.
    ///
    /// # Panics
    /// Where none is free.
    pub fn open() -> Self {
        Self::open_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port is free")
    }

    /// Opens one at this address.
    ///
    /// # Errors
    /// The address is taken.
    pub fn open_at(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let clerk = Clerk { state: Arc::clone(&state), to: Vec::new(), bytes: Vec::new() };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let clerk = clerk.clone();
                std::thread::spawn(move || converse(&stream, clerk));
            }
        });
        Ok(Self { address, state })
    }

    /// What goes into `mail.server`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The next letter, in the order in which they came.
    ///
    /// # Panics
    /// Where none comes within ten seconds.
    pub async fn next(&self) -> Mail {
        let come = async {
            loop {
                if let Some(mail) = self.take() {
                    return mail;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(WAIT_MAX, come).await.expect("a letter comes")
    }

    /// The next letter, where one is there.
    pub fn take(&self) -> Option<Mail> {
        self.state.kept.lock().expect("no thread panics with the letters").pop_front()
    }

    /// Whether nothing came that was not looked at.
    pub fn is_empty(&self) -> bool {
        self.state.kept.lock().expect("no thread panics with the letters").is_empty()
    }

    /// Refuses everything with this code from now on.
    pub fn refuse(&self, code: u16) {
        self.state.refusal.store(code, Ordering::SeqCst);
    }

    /// Takes everything again.
    pub fn accept(&self) {
        self.refuse(0);
    }
}

/// One client, until it has gone or was sent away.
fn converse(stream: &TcpStream, clerk: Clerk) -> io::Result<()> {
    let mut session = SessionBuilder::new("mailbox.example").build(stream.peer_addr()?.ip(), clerk);
    let (mut said, mut lines) = (stream, BufReader::new(stream));
    session.greeting().write_to(&mut said)?;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let answer = session.process(&line);
        line.clear();
        if matches!(answer.action, Action::NoReply) {
            continue;
        }
        answer.write_to(&mut said)?;
        said.flush()?;
        if matches!(answer.action, Action::Close) {
            break;
        }
    }
    Ok(())
}

impl Handler for Clerk {
    fn rcpt(&mut self, to: &str) -> Response {
        match self.state.refusal.load(Ordering::SeqCst) {
            0 => response::OK,
            code => Response::custom(code, format!("no letters for {to}")),
        }
    }

    fn data_start(&mut self, _domain: &str, _from: &str, _is8bit: bool, to: &[String]) -> Response {
        self.to = to.to_vec();
        self.bytes.clear();
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let read = MessageParser::default().parse(&self.bytes);
        let mail = Mail {
            to: std::mem::take(&mut self.to),
            subject: read.as_ref().and_then(|read| read.subject()).unwrap_or_default().to_owned(),
            text: read.as_ref().and_then(|read| read.body_text(0)).unwrap_or_default().into_owned(),
            source: String::from_utf8_lossy(&self.bytes).into_owned(),
        };
        self.state.kept.lock().expect("no thread panics with the letters").push_back(mail);
        response::OK
    }
}
