//! A page as measures take it: its brightness, and its colours where it has any. Not for
//! showing it.

use super::{Gray, Picture};

/// Pixels across and down to which a page is drawn for its measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetSize {
    /// Of its brightness.
    pub gray: (u16, u16),
    /// Of its colours.
    pub colours: (u16, u16),
}

impl SheetSize {
    /// With colours at half the size of the brightness.
    pub fn with_half(gray: (u16, u16)) -> Self {
        Self {
            gray,
            colours: (gray.0 / 2, gray.1 / 2),
        }
    }

    /// With colours at two thirds of it, as [`Gray::two_thirds`] makes them.
    pub fn with_two_thirds(gray: (u16, u16)) -> Self {
        Self {
            gray,
            colours: (gray.0 / 3 * 2, gray.1 / 3 * 2),
        }
    }
}

/// A page that may have been on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its brightness, at the size that was asked for.
    pub gray: Gray,
    /// Its colours; none where all is gray.
    pub colours: Option<Picture>,
    /// The page as it was drawn, where it was.
    pub drawn: Option<Picture>,
}

impl Sheet {
    /// From a page that was drawn.
    pub fn of(picture: Picture) -> Self {
        Self {
            gray: Gray::of(&picture),
            colours: (!picture.is_gray()).then(|| picture.half()),
            drawn: Some(picture),
        }
    }

    /// The page with its colours at its full size. Where it was not drawn, they are as
    /// fine as JPEGs of scanners keep them: half as fine as its brightness.
    pub fn picture(&self) -> Picture {
        if let Some(drawn) = &self.drawn {
            return drawn.clone();
        }
        let mut picture = Picture::from(self.gray.clone());
        let Some(colours) = &self.colours else {
            return picture;
        };
        let coarse = colours.clone().scaled(picture.width, picture.height);
        let brightness = Gray::of(&coarse);
        let pixels = picture.rgba.as_chunks_mut::<4>().0.iter_mut();
        let coarse = coarse.rgba.as_chunks::<4>().0.iter();
        for ((pixel, coarse), brightness) in pixels.zip(coarse).zip(brightness.pixels) {
            for (level, coarse) in pixel.iter_mut().zip(&coarse[..3]) {
                let colour = i16::from(*coarse) - i16::from(brightness);
                *level = (i16::from(*level) + colour).clamp(0, 255) as u8;
            }
        }
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_stay_those_of_the_page_at_its_full_size() {
        let (width, height) = (40, 20);
        let yellow = [240, 220, 90, 255];
        let drawn = Picture {
            width,
            height,
            rgba: yellow.repeat((width * height) as usize),
        };
        let mut sheet = Sheet::of(drawn.clone());
        assert_eq!(sheet.picture(), drawn);
        sheet.drawn = None;
        let again = sheet.picture();
        assert_eq!((again.width, again.height), (width, height));
        let levels = again.rgba.iter().zip(&drawn.rgba);
        assert!(levels.map(|(a, b)| a.abs_diff(*b)).all(|apart| apart <= 1));
    }

    #[test]
    fn a_gray_page_is_gray() {
        let gray = Gray {
            width: 2,
            height: 1,
            pixels: vec![7, 200],
        };
        let sheet = Sheet {
            gray,
            colours: None,
            drawn: None,
        };
        assert_eq!(sheet.picture().rgba, [7, 7, 7, 255, 200, 200, 200, 255]);
    }
}
