//! A mail server for journeys: `test-mailbox ADDRESS DIR` takes every letter and puts it into the folder, as `1.json`, `2.json` and so on.

use std::path::PathBuf;

use testkit::Mailbox;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(dir)) = (arguments.next(), arguments.next().map(PathBuf::from)) else {
        return Err("test-mailbox ADDRESS DIR".into());
    };
    std::fs::create_dir_all(&dir)?;
    let mailbox = Mailbox::open_at(address.parse()?)?;
    let mut count = 0_u32;
    loop {
        let Some(mail) = mailbox.take() else {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        count += 1;
        // Whoever looks finds a whole letter or none.
        let draft = dir.join("draft");
        std::fs::write(&draft, serde_json::to_vec(&mail)?)?;
        std::fs::rename(&draft, dir.join(format!("{count}.json")))?;
    }
}
