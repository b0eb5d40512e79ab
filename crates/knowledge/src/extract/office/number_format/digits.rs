//! A number in decimal digits, of which spreadsheets know fifteen: 1.005 is rounded as people do it,
//! not as its binary neighbour is.

/// Digits of a number without its sign: 0.d₁d₂d₃… times ten to the power of `point`.
#[derive(Debug)]
pub(super) struct Digits {
    /// From 0 to 9.
    digits: Vec<u8>,
    point: i32,
}

impl Digits {
    /// Those of a finite number.
    pub(super) fn of(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let shown = format!("{:.14e}", number.abs());
        let (digits, power) = shown.split_once('e')?;
        let digits = digits.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
        Some(Self { digits, point: power.parse::<i32>().ok()? + 1 })
    }

    /// The number times this power of ten.
    pub(super) fn times_ten_to(self, power: i32) -> Self {
        Self { point: self.point.saturating_add(power), ..self }
    }

    /// The digits before the point, without zeros that lead, and so many behind it.
    pub(super) fn rounded(&self, decimals: usize) -> (String, String) {
        let whole = usize::try_from(self.point).unwrap_or(0);
        let digit = |at: usize| {
            let at = i32::try_from(at).unwrap_or(i32::MAX) - i32::try_from(whole).unwrap_or(0);
            let at = usize::try_from(at.saturating_add(self.point));
            at.ok().and_then(|at| self.digits.get(at)).copied().unwrap_or(0)
        };
        let places = whole + decimals;
        let mut digits: Vec<u8> = (0..places).map(digit).collect();
        let mut carry = digit(places) >= 5;
        for digit in digits.iter_mut().rev() {
            if !carry {
                break;
            }
            carry = *digit == 9;
            *digit = if carry { 0 } else { *digit + 1 };
        }
        let first = carry.then_some('1');
        let mut shown = digits.iter().map(|digit| char::from(b'0' + digit));
        let whole: String = first.into_iter().chain(shown.by_ref().take(whole)).collect();
        (whole.trim_start_matches('0').to_owned(), shown.collect())
    }

    /// Whether anything but zeros is left with so many decimals.
    pub(super) fn shows(&self, decimals: usize) -> bool {
        let (whole, fraction) = self.rounded(decimals);
        !whole.is_empty() || fraction.contains(|digit| digit != '0')
    }
}
