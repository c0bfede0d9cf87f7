//! BHASHINI behind the three traits.

use async_trait::async_trait;
use types::Language;

use super::wire::{self, Task};
use super::{Bhashini, NAME, SOUND_BYTES_MAX, WORDS_BYTES_MAX, service};
use crate::audio::{Limits, decode, wav};
use crate::capability::{Condition, made_by};
use crate::stt::{self, Heard, Hints, Recogniser, Speech16k};
use crate::translate::{self, Translator};
use crate::tts::{self, Synthesiser};

#[async_trait]
impl Recogniser for Bhashini {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, language: Language) -> bool {
        self.has(service(Task::Recognition, language, None))
    }

    fn model_of(&self, language: Language) -> Option<String> {
        self.service_id(service(Task::Recognition, language, None))
    }

    fn condition(&self) -> Condition {
        self.condition_now()
    }

    fn check(&self) -> Result<(), stt::Error> {
        Ok(self.may_ask()?)
    }

    async fn recognise(
        &self,
        speech: &Speech16k<'_>,
        language: Language,
        _hints: &Hints<'_>,
    ) -> Result<Heard, stt::Error> {
        let wanted = service(Task::Recognition, language, None);
        let sound = wav(speech.samples);
        let request = |id: &str| wire::recognition_request(wanted, id, &sound);
        let answer = self.compute(wanted, WORDS_BYTES_MAX, request).await?;
        let text = wire::read_text(&answer, Task::Recognition)
            .ok_or_else(|| stt::Error::Unavailable("BHASHINI answered without a text.".to_owned()))?;
        if text.is_empty() {
            return Err(stt::Error::NothingHeard);
        }
        Ok(Heard { text, alternatives: Vec::new(), confidence: None, made_by: made_by(NAME) })
    }
}

#[async_trait]
impl Synthesiser for Bhashini {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, language: Language) -> bool {
        self.has(service(Task::Speech, language, None))
    }

    fn model_of(&self, language: Language) -> Option<String> {
        self.service_id(service(Task::Speech, language, None))
    }

    fn condition(&self) -> Condition {
        self.condition_now()
    }

    fn check(&self) -> Result<(), tts::Error> {
        Ok(self.may_ask()?)
    }

    fn voice_of(&self, language: Language) -> String {
        let named = self.config.service_ids.of(Task::Speech, language).unwrap_or_default();
        format!("bhashini {} {named}", self.config.gender.name())
    }

    async fn speak(&self, text: &str, language: Language) -> Result<Vec<f32>, tts::Error> {
        let wanted = service(Task::Speech, language, None);
        let request = |id: &str| wire::speech_request(wanted, id, self.config.gender.name(), text);
        let answer = self.compute(wanted, SOUND_BYTES_MAX, request).await?;
        let unusable =
            || tts::Error::Unavailable("BHASHINI answered without sound that can be played.".to_owned());
        let sound = wire::read_sound(&answer).ok_or_else(unusable)?;
        let limits = Limits { bytes_max: SOUND_BYTES_MAX, ..Limits::default() };
        let decoded = self.pool.run(move || decode(&sound, &limits)).await?;
        decoded.map(|recording| recording.samples).map_err(|_| unusable())
    }
}

#[async_trait]
impl Translator for Bhashini {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, from: Language, to: Language) -> bool {
        from != to && self.has(service(Task::Translation, from, Some(to)))
    }

    fn model_of(&self, from: Language, to: Language) -> Option<String> {
        self.service_id(service(Task::Translation, from, Some(to)))
    }

    fn condition(&self) -> Condition {
        self.condition_now()
    }

    fn check(&self) -> Result<(), translate::Error> {
        Ok(self.may_ask()?)
    }

    async fn translate(&self, text: &str, from: Language, to: Language) -> Result<String, translate::Error> {
        let wanted = service(Task::Translation, from, Some(to));
        let request = |id: &str| wire::translation_request(wanted, id, text);
        let answer = self.compute(wanted, WORDS_BYTES_MAX, request).await?;
        wire::read_text(&answer, Task::Translation)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| translate::Error::Unavailable("BHASHINI answered without a text.".to_owned()))
    }
}
