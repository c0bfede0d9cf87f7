//! People's pictures of themselves: small squares, for the account and for those who work beside its person.
//!
//! **Invariants.** What somebody brings is known by its first bytes, shown to the scanner, decoded within bounds and drawn anew: nothing of
//! the file itself is kept, neither where it was taken nor by what. A picture is called by 256 random bits and shown to its person and to
//! the members of their businesses alone; another one has another name. It lies sealed.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage, RgbaImage};
use platform::db::repeat;
use platform::fields::Column;
use types::PersonId;

use crate::account_log::Deed;
use crate::{Caller, Error, Identity, db};

/// The largest file that somebody may bring.
pub const BYTES_MAX: usize = 5 * 1024 * 1024;
/// So many pictures are drawn at a time.
pub(crate) const AT_ONCE_MAX: usize = 2;
/// Pictures are sealed for their person's row.
const JPEG: Column = Column::of("pictures", "jpeg");
/// Width and height of what is kept, in pixels.
const SIDE: u32 = 256;
/// The most pixels of a file: what a telephone's camera takes.
const PIXELS_MAX: u64 = 50_000_000;
/// The most bytes that a file may become while it is drawn.
const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How well what is kept is drawn, of 100.
const QUALITY: u8 = 85;

impl Identity {
    /// Keeps a picture of the caller in place of the one before.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::NoPicture`], [`Error::Scan`].
    pub async fn set_picture(&self, caller: &Caller, file: Vec<u8>) -> Result<(), Error> {
        let person = caller.signed_in()?.person.id;
        format_of(&file).ok_or(Error::NoPicture)?;
        self.scanner.check(&file).await?;
        let jpeg = {
            let _turn = self.drawing.acquire().await.map_err(|_| Error::NoPicture)?;
            let drawn = tokio::task::spawn_blocking(move || drawn(&file)).await;
            drawn.ok().flatten().ok_or(Error::NoPicture)?
        };
        let (name, sealed) = (self.entropy.token(), self.fields.seal(JPEG, person.uuid(), jpeg));
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            db::pictures::set(&mut transaction, person, &name, &sealed, self.clock.now()).await?;
            self.keep_deed(&mut transaction, caller, person, Deed::PictureChanged).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// Removes the caller's picture. None stays none.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub async fn remove_picture(&self, caller: &Caller) -> Result<(), Error> {
        let person = caller.signed_in()?.person.id;
        repeat(|| async {
            let mut transaction = self.db.begin().await?;
            if db::pictures::remove(&mut transaction, person).await? {
                self.keep_deed(&mut transaction, caller, person, Deed::PictureChanged).await?;
            }
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// A picture as JPEG, for its person and those who work beside them.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::Sealed`]; [`Error::NoSuchPerson`] for one that is not there or not the caller's to see.
    pub async fn picture(&self, caller: &Caller, name: &str) -> Result<Vec<u8>, Error> {
        let viewer = caller.signed_in()?.person.id;
        let found = db::pictures::by_name(&mut *self.db.acquire().await?, name, viewer).await?;
        let (person, sealed) = found.ok_or(Error::NoSuchPerson)?;
        Ok(self.fields.open_bytes(JPEG, person.uuid(), &sealed)?)
    }

    /// A person's own picture as JPEG, for the copy of what is theirs.
    ///
    /// # Errors
    /// [`Error::Sealed`]; whatever the database says.
    pub(crate) async fn picture_of(&self, person: PersonId) -> Result<Option<Vec<u8>>, Error> {
        let sealed = db::pictures::of(&mut *self.db.acquire().await?, person).await?;
        Ok(sealed.map(|sealed| self.fields.open_bytes(JPEG, person.uuid(), &sealed)).transpose()?)
    }
}

/// What a file is by its first bytes, whatever it is called.
fn format_of(file: &[u8]) -> Option<ImageFormat> {
    match file {
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// The middle of a picture as a small JPEG, upright, on white; nothing where it is none, or larger than is looked at.
fn drawn(file: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format_of(file)?);
    let mut limits = Limits::default();
    limits.max_alloc = Some(UNPACKED_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > PIXELS_MAX || decoder.total_bytes() > UNPACKED_BYTES_MAX {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).ok()?;
    let mut square = whole.resize_to_fill(SIDE, SIDE, FilterType::Triangle);
    square.apply_orientation(orientation);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&on_white(&square.into_rgba8())).ok()?;
    Some(jpeg)
}

fn on_white(picture: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |colour: u8| {
            let mixed = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    fn encoded(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let picture = RgbaImage::from_fn(width, height, |x, _| {
            if x < width / 2 { Rgba([200, 0, 0, 255]) } else { Rgba([0, 0, 200, 255]) }
        });
        let mut file = Cursor::new(Vec::new());
        let picture = DynamicImage::from(picture);
        let picture =
            if format == ImageFormat::Jpeg { DynamicImage::from(picture.into_rgb8()) } else { picture };
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn read(jpeg: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
    }

    #[test]
    fn whatever_comes_becomes_a_small_square_jpeg_of_its_middle() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let jpeg = drawn(&encoded(format, 600, 300)).unwrap();
            let picture = read(&jpeg);
            assert_eq!(picture.dimensions(), (SIDE, SIDE), "{format:?}");
            let ([red, ..], [.., blue]) = (picture.get_pixel(60, 128).0, picture.get_pixel(200, 128).0);
            assert!(red > 150 && blue > 150 && jpeg.len() < 16_384, "{format:?}: {} bytes", jpeg.len());
        }
    }

    #[test]
    fn nothing_that_a_camera_wrote_beside_it_is_left() {
        let plain = encoded(ImageFormat::Jpeg, 400, 200);
        // APP1: an EXIF block of one entry, *rotate by 90°*, and a place in the open behind it.
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS 12.9716N 77.5946E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let file = [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat();
        let jpeg = drawn(&file).unwrap();
        let holds = |needle: &[u8]| jpeg.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(b"Exif") && !holds(b"GPS"));
        // What stood on the left stands above.
        let picture = read(&jpeg);
        assert!(picture.get_pixel(128, 60).0[0] > 150 && picture.get_pixel(128, 200).0[2] > 150);
    }

    #[test]
    fn what_is_clear_becomes_white() {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::from(RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0])))
            .write_to(&mut file, ImageFormat::Png)
            .unwrap();
        assert!(
            read(&drawn(&file.into_inner()).unwrap()).get_pixel(9, 9).0.iter().all(|colour| *colour > 250)
        );
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_not_drawn() {
        let jpeg = encoded(ImageFormat::Jpeg, 64, 64);
        let png = encoded(ImageFormat::Png, 64, 64);
        // The head says 60,000 by 60,000; the rest stays.
        let mut bomb = png.clone();
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        for file in [
            b"".as_slice(),
            b"GIF89a",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            &jpeg[..3],
            &png[..20],
            &png[1..],
            &bomb,
        ] {
            assert!(drawn(file).is_none(), "{:?}", &file[..file.len().min(8)]);
        }
    }
}
