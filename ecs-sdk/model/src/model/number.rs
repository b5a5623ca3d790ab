//! Numbers and booleans: conversions from JSON and from strings.

use super::{
    contract::{Literal, Scalar, Slot, Value},
    element::{Element, Kind},
};

/// A number or boolean type.
trait Primitive: Copy + Send + Sync + 'static {
    const EXPECTED: &'static str;
    const ZERO: Self;
    fn from_literal(literal: Literal) -> Option<Self>;
    fn from_text(text: &str) -> Option<Self>;
    fn literal(self) -> Literal;
}

impl Primitive for bool {
    const EXPECTED: &'static str = "true or false";
    const ZERO: Self = false;

    fn from_literal(literal: Literal) -> Option<Self> {
        match literal {
            Literal::Bool(value) => Some(value),
            Literal::Int(0) => Some(false),
            Literal::Int(1) => Some(true),
            _ => None,
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "1" => Some(true),
            "0" => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    fn literal(self) -> Literal {
        Literal::Bool(self)
    }
}

impl Primitive for i64 {
    const EXPECTED: &'static str = "a 64-bit integer";
    const ZERO: Self = 0;

    fn from_literal(literal: Literal) -> Option<Self> {
        // 2^63, which is too large for an i64. The cast of a smaller whole number is exact.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        match literal {
            Literal::Int(value) => Some(value),
            Literal::F64(value) if value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value) => Some(value as i64),
            _ => None,
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        // A fraction of zeros is removed first, because an `f64` cannot represent every integer.
        let is_zero = |fraction: &str| fraction.bytes().all(|digit| digit == b'0');
        let whole = text.split_once('.').filter(|(_, fraction)| is_zero(fraction)).map_or(text, |(whole, _)| whole);
        whole.parse().ok().or_else(|| Self::from_literal(Literal::F64(text.parse().ok()?)))
    }

    fn literal(self) -> Literal {
        Literal::Int(self)
    }
}

impl Primitive for i32 {
    const EXPECTED: &'static str = "a 32-bit integer";
    const ZERO: Self = 0;

    fn from_literal(literal: Literal) -> Option<Self> {
        i64::from_literal(literal)?.try_into().ok()
    }

    fn from_text(text: &str) -> Option<Self> {
        i64::from_text(text)?.try_into().ok()
    }

    fn literal(self) -> Literal {
        Literal::Int(self.into())
    }
}

impl Primitive for f64 {
    const EXPECTED: &'static str = "a number";
    const ZERO: Self = 0.0;

    fn from_literal(literal: Literal) -> Option<Self> {
        match literal {
            Literal::Bool(_) => None,
            Literal::Int(value) => Some(value as f64),
            Literal::F32(value) => Some(value.into()),
            Literal::F64(value) => Some(value),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|value: &f64| value.is_finite())
    }

    fn literal(self) -> Literal {
        Literal::F64(self)
    }
}

impl Primitive for f32 {
    const EXPECTED: &'static str = "a number";
    const ZERO: Self = 0.0;

    fn from_literal(literal: Literal) -> Option<Self> {
        match literal {
            Literal::F32(value) => Some(value),
            literal => f64::from_literal(literal).map(|value| value as f32).filter(|value| value.is_finite()),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|value: &f32| value.is_finite())
    }

    fn literal(self) -> Literal {
        Literal::F32(self)
    }
}

impl<P: Primitive> Scalar for Option<P> {
    fn set(&mut self, literal: Literal) -> Result<(), &'static str> {
        *self = Some(P::from_literal(literal).ok_or(P::EXPECTED)?);
        Ok(())
    }

    fn set_text(&mut self, text: &str) -> Result<(), &'static str> {
        *self = match text.trim() {
            "" => None,
            text => Some(P::from_text(text).ok_or(P::EXPECTED)?),
        };
        Ok(())
    }

    fn clear(&mut self) -> bool {
        *self = None;
        true
    }
}

impl<P: Primitive> Scalar for P {
    fn set(&mut self, literal: Literal) -> Result<(), &'static str> {
        *self = P::from_literal(literal).ok_or(P::EXPECTED)?;
        Ok(())
    }

    fn set_text(&mut self, text: &str) -> Result<(), &'static str> {
        *self = P::from_text(text.trim()).ok_or(P::EXPECTED)?;
        Ok(())
    }

    fn clear(&mut self) -> bool {
        false
    }
}

/// Numbers and booleans as elements.
#[doc(hidden)]
#[derive(Debug)]
pub struct Number;

impl<P: Primitive> Kind<P> for Number {
    fn empty() -> P {
        P::ZERO
    }

    fn value(element: &P) -> Value<'_> {
        Value::Literal(element.literal())
    }

    fn slot(element: &mut P) -> Slot<'_> {
        Slot::Scalar(element)
    }

    fn option_slot(element: &mut Option<P>) -> Slot<'_> {
        Slot::Scalar(element)
    }
}

macro_rules! elements {
    ($($ty:ty),*) => {$(
        impl Element for $ty {
            type Kind = Number;
        }
    )*};
}

elements!(bool, i32, i64, f32, f64);
