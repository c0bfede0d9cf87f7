//! The classes of words that the grammar knows. Every language fills the same classes.

macro_rules! cues {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What a word or phrase does in bargaining. `data/README.md` describes each class for writers of tables.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Cue {
            $($(#[$doc])* $name,)*
        }

        impl Cue {
            /// Every class with its name in the tables.
            pub const ALL: &[(&str, Self)] = &[$(($code, Self::$name),)*];
        }
    };
}

cues! {
    Greet = "greet",
    Thank = "thank",
    /// Walks away: "leave it".
    Leave = "leave",
    /// Promises to come again: leaving, unless said with thanks.
    Later = "later",
    /// "I don't want it": a refusal of what stands, leaving where nothing does.
    Refuse = "refuse",
    /// Asks the price by itself: "how much".
    HowMuch = "how_much",
    /// "What", which asks the price only beside a word for price.
    What = "what",
    /// "Price", "rate".
    PriceWord = "price_word",
    /// "Tell", "say".
    Tell = "tell",
    /// "Last", "final".
    Firm = "firm",
    /// A whole question for the last price.
    FinalAsk = "final_ask",
    /// Asks whether there is some: "do you have".
    Have = "have",
    /// The copula, which asks only beside goods and little else.
    Is = "is",
    /// "Reduce".
    Discount = "discount",
    /// "Too much", "expensive".
    Costly = "costly",
    /// "Deal", "done", "settled".
    Agree = "agree",
    /// "Ok", "fine".
    Okay = "okay",
    Yes = "yes",
    /// A tag that asks for a yes: "right?".
    Tag = "tag",
    /// Negation that only ever stands for itself: "no way".
    No = "no",
    /// Negation of a verb or of everything: "not".
    Neg = "neg",
    /// A whole refusal: "not possible", "won't work out".
    Cannot = "cannot",
    /// "Below", "less".
    Less = "less",
    /// "Above", "more".
    More = "more",
    /// "At least", "minimum".
    Minimum = "minimum",
    /// Marks the price before it: "mein", "-க்கு".
    At = "at",
    /// Marks the price after it: "for", "at".
    For = "for",
    /// Marks the price after it and may make it one for each unit: "three kilos at forty".
    Rate = "rate",
    /// Genitive after a price: "ke", "ka".
    Of = "of",
    /// Comparison after a price: "se", "than".
    Than = "than",
    /// "Per", "each", before the unit or after it.
    Per = "per",
    /// "Each one", "apiece": a price for one piece.
    Each = "each",
    /// "A", "an".
    Article = "article",
    Give = "give",
    Take = "take",
    Want = "want",
    /// Puts a price: "make it", "lagao".
    Put = "put",
    Even = "even",
    If = "if",
    /// "In all".
    Total = "total",
    /// "At that price".
    ThatPrice = "that_price",
    /// The past, which takes the nearest number out of the deal: "was".
    Past = "past",
    /// Somebody else's stall.
    Elsewhere = "elsewhere",
    /// "Go", "look", "see": leaves, beside somebody else's stall.
    Go = "go",
    /// What is left in stock, which takes the nearest amount out of the deal.
    Stock = "stock",
    /// Units of talk (years, o'clock, degrees, notes): take the nearest number out of the deal.
    TalkUnit = "talk_unit",
    /// Matters of talk: weather, family, travel.
    Topic = "topic",
    /// Telephone and house numbers: take every number out of the deal.
    Contact = "contact",
    Rupee = "rupee",
    Paisa = "paisa",
    /// A classifier: what it follows counts pieces.
    Count = "count",
    First = "first",
    Second = "second",
    Third = "third",
    /// "Or" between two numbers; filler elsewhere.
    Or = "or",
    /// Asks how many there are for a price: "how many lemons for twenty".
    HowMany = "how_many",
    /// Units without a fixed size (a ser, a padi): what they cost is no price of ours.
    Measure = "measure",
    /// Words that say nothing about the deal: forms of address, particles, pronouns.
    Fill = "fill",
}

impl Cue {
    /// The class of a name used in the tables.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(code, _)| *code == name).map(|(_, cue)| *cue)
    }

    /// The class as one bit.
    pub const fn bit(self) -> u64 {
        1 << self as u64
    }
}

/// A set of cue classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cues(u64);

impl Cues {
    pub const fn of(cues: &[Cue]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < cues.len() {
            bits |= cues[at].bit();
            at += 1;
        }
        Self(bits)
    }

    pub const fn has(self, cue: Cue) -> bool {
        self.0 & cue.bit() != 0
    }

    pub const fn any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    pub const fn add(&mut self, cue: Cue) {
        self.0 |= cue.bit();
    }
}

const _: () = assert!(Cue::ALL.len() <= 64, "a set of cues is one word of 64 bits");
