//! The ways in which others write one character: as it stands, %41, \u0041, \u{41}, \U00000041, \x41, \n, &#65;, &#65,
//! &#x41; or &amp;, in any case, and one way within another (%2541, \\u0041, &amp;#65;).

/// One way within another, so often: what was packed into a URL, that into JSON and that into a page.
const DEPTH: u8 = 3;
/// The most ways to read one place that are kept; the text would have to be made for it to have more.
const MOST_READINGS: usize = 12;

/// A character read at a place: its bytes, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol {
    bytes: [u8; 4],
    length: u8,
    pub end: usize,
    /// A number at the text's end without the semicolon behind it, which may have been cut.
    pub open: bool,
}

impl Symbol {
    pub fn byte(byte: u8, end: usize) -> Self {
        Symbol {
            bytes: [byte, 0, 0, 0],
            length: 1,
            end,
            open: false,
        }
    }

    fn char(c: char, end: usize) -> Self {
        let mut bytes = [0; 4];
        let length = c.encode_utf8(&mut bytes).len() as u8;
        Symbol {
            bytes,
            length,
            end,
            open: false,
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    fn ascii(&self) -> Option<u8> {
        (self.length == 1 && self.bytes[0].is_ascii()).then_some(self.bytes[0])
    }
}

/// All ways to read one place.
pub struct Readings {
    items: [Symbol; MOST_READINGS],
    length: usize,
}

impl Readings {
    pub fn all(&self) -> &[Symbol] {
        &self.items[..self.length]
    }

    fn add(&mut self, symbol: Symbol) {
        if self.length < MOST_READINGS && !self.all().contains(&symbol) {
            self.items[self.length] = symbol;
            self.length += 1;
        }
    }
}

/// Whether a spelling begins with this byte.
pub const fn is_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&')
}

/// What may be meant at `at`, which is inside of the text.
pub fn read(text: &[u8], at: usize) -> Readings {
    read_at(text, at, DEPTH)
}

fn read_at(text: &[u8], at: usize, depth: u8) -> Readings {
    let mut readings = Readings {
        items: [Symbol::byte(0, 0); MOST_READINGS],
        length: 0,
    };
    let Some(&byte) = text.get(at) else {
        return readings;
    };
    readings.add(Symbol::byte(byte, at + 1));
    if depth == 0 || !is_escape(byte) {
        return readings;
    }
    let inner = Inner {
        text,
        depth: depth - 1,
    };
    for lead in read_at(text, at, depth - 1).all() {
        readings.add(*lead);
        match lead.ascii() {
            Some(b'%') => inner.percent(lead.end, &mut readings),
            Some(b'\\') => inner.backslash(lead.end, &mut readings),
            Some(b'&') => inner.entity(lead.end, &mut readings),
            _ => {}
        }
    }
    readings
}

/// Reads the characters of a spelling, which may be spelled themselves.
struct Inner<'t> {
    text: &'t [u8],
    depth: u8,
}

impl Inner<'_> {
    /// The first way to read an ASCII character that serves, and where it ends.
    fn next<T>(&self, at: usize, serves: impl Fn(u8) -> Option<T>) -> Option<(T, usize)> {
        let readings = read_at(self.text, at, self.depth);
        let mut all = readings.all().iter();
        all.find_map(|symbol| Some((serves(symbol.ascii()?)?, symbol.end)))
    }

    fn exactly(&self, at: usize, wanted: u8) -> Option<usize> {
        let end = self.next(at, |byte| byte.eq_ignore_ascii_case(&wanted).then_some(()));
        end.map(|((), end)| end)
    }

    fn digit(&self, at: usize, radix: u32) -> Option<(u32, usize)> {
        self.next(at, |byte| char::from(byte).to_digit(radix))
    }

    /// So many hexadecimal digits.
    fn hex(&self, mut at: usize, digits: u8) -> Option<(u32, usize)> {
        let mut value = 0;
        for _ in 0..digits {
            let (digit, end) = self.digit(at, 16)?;
            value = value * 16 + digit;
            at = end;
        }
        Some((value, at))
    }

    fn percent(&self, at: usize, readings: &mut Readings) {
        if let Some((value, end)) = self.hex(at, 2) {
            readings.add(Symbol::byte(value as u8, end));
        }
    }

    fn backslash(&self, at: usize, readings: &mut Readings) {
        if let Some(at) = self.exactly(at, b'u') {
            if let Some((unit, end)) = self.hex(at, 4) {
                match char::from_u32(unit) {
                    Some(c) => readings.add(Symbol::char(c, end)),
                    None => self.pair(unit, end, readings),
                }
            }
            let long = self.hex(at, 8).or_else(|| self.braced(at));
            if let Some((c, end)) = long.and_then(|(c, end)| Some((char::from_u32(c)?, end))) {
                readings.add(Symbol::char(c, end));
            }
        }
        if let Some(at) = self.exactly(at, b'x')
            && let Some((value, end)) = self.hex(at, 2)
        {
            // Some mean the byte, others the character.
            readings.add(Symbol::byte(value as u8, end));
            readings.add(Symbol::char(value as u8 as char, end));
        }
        let short = |byte| {
            Some(match byte {
                b'"' | b'\\' | b'/' | b'\'' => byte,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'f' => 12,
                b'r' => b'\r',
                _ => return None,
            })
        };
        if let Some((byte, end)) = self.next(at, short) {
            readings.add(Symbol::byte(byte, end));
        }
    }

    /// Digits in braces.
    fn braced(&self, at: usize) -> Option<(u32, usize)> {
        let start = self.exactly(at, b'{')?;
        let (value, end) = self.number(start, 16);
        let end = self.exactly(end, b'}').filter(|_| end > start)?;
        Some((value, end))
    }

    /// As many digits as there are; leading zeros are allowed, up to a point.
    fn number(&self, mut at: usize, radix: u32) -> (u32, usize) {
        let mut value = 0u32;
        for _ in 0..10 {
            let Some((digit, end)) = self.digit(at, radix) else {
                break;
            };
            value = value.saturating_mul(radix).saturating_add(digit);
            at = end;
        }
        (value, at)
    }

    /// The second half of a character that UTF-16 writes in two.
    fn pair(&self, first: u32, at: usize, readings: &mut Readings) {
        let second = self
            .exactly(at, b'\\')
            .and_then(|at| self.exactly(at, b'u'))
            .and_then(|at| self.hex(at, 4));
        if let Some((second, end)) = second
            && let Some(Ok(c)) = char::decode_utf16([first as u16, second as u16]).next()
        {
            readings.add(Symbol::char(c, end));
        }
    }

    fn entity(&self, at: usize, readings: &mut Readings) {
        let Some(number) = self.exactly(at, b'#') else {
            return self.named(at, readings);
        };
        let (at, radix) = match self.exactly(number, b'x') {
            Some(at) => (at, 16),
            None => (number, 10),
        };
        let (value, end) = self.number(at, radix);
        if let Some(c) = char::from_u32(value)
            && let Some(end) = self.exactly(end, b';')
        {
            readings.add(Symbol::char(c, end));
        }
        self.without_semicolon(at, radix, readings);
    }

    /// Browsers read a number all the same, up to what is no digit: only digits as they stand, since the spelling of one
    /// may be the next character's.
    fn without_semicolon(&self, at: usize, radix: u32, readings: &mut Readings) {
        let plain = Inner {
            text: self.text,
            depth: 0,
        };
        let (value, end) = plain.number(at, radix);
        let Some(c) = char::from_u32(value).filter(|_| end > at) else {
            return;
        };
        if self.text.get(end) != Some(&b';') {
            readings.add(Symbol {
                open: end == self.text.len(),
                ..Symbol::char(c, end)
            });
        }
    }

    fn named(&self, at: usize, readings: &mut Readings) {
        let mut name = String::new();
        let mut at = at;
        while name.len() < LONGEST_ENTITY {
            let letter = self.next(at, |byte| byte.is_ascii_alphabetic().then_some(byte));
            let Some((letter, end)) = letter else {
                break;
            };
            name.push(char::from(letter));
            at = end;
        }
        let known = ENTITIES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&name));
        if let Some((_, c)) = known
            && let Some(end) = self.exactly(at, b';')
        {
            readings.add(Symbol::char(*c, end));
        }
    }
}

const LONGEST_ENTITY: usize = 8;
/// HTML's names of ASCII characters, and of one that does not show.
const ENTITIES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("shy", '\u{ad}'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("excl", '!'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("equals", '='),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("lbrack", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("grave", '`'),
    ("lcub", '{'),
    ("lbrace", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("rcub", '}'),
    ("rbrace", '}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_character_is_read() {
        for (text, c) in [
            ("a", "a"),
            ("%61", "a"),
            ("\\u0061", "a"),
            ("\\U0061", "a"),
            ("\\x61", "a"),
            ("\\U00000061", "a"),
            ("\\u{61}", "a"),
            ("\\\\u{0061}", "a"),
            ("&#97", "a"),
            ("&#x61", "a"),
            ("\\n", "\n"),
            ("\\/", "/"),
            ("&#97;", "a"),
            ("&#x61;", "a"),
            ("&#X0061;", "a"),
            ("&amp;", "&"),
            ("&commat;", "@"),
            ("\\uD83d\\ude00", "😀"),
            ("&#128512;", "😀"),
            ("%2561", "a"),
            ("%25%36%31", "a"),
            ("\\\\u0061", "a"),
            ("&amp;#97;", "a"),
            ("%26%2397%3B", "a"),
            ("\\u0026#97;", "a"),
            ("%252561", "a"),
        ] {
            let readings = read(text.as_bytes(), 0);
            let whole =
                |symbol: &&Symbol| symbol.bytes() == c.as_bytes() && symbol.end == text.len();
            assert!(readings.all().iter().any(|symbol| whole(&symbol)), "{text}");
        }
        for text in [
            "%6",
            "%zz",
            "\\u00",
            "\\ud83d",
            "&#",
            "&#x",
            "\\u{61",
            "\\u{}",
            "&#xffffffff;",
            "&no;",
            "&",
            "%",
            "\\",
        ] {
            assert_eq!(read(text.as_bytes(), 0).all().len(), 1, "{text}");
        }
    }
}
