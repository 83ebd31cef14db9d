//! Pictures: opened within limits, turned as they are meant to be looked at, scaled, and written without their metadata.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use contracts::storage::ImageMedia;
use contracts::{ImageFit, MediaFormat};
use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{
    AnimationDecoder, DynamicImage, Frame, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgba,
    RgbaImage, imageops,
};

use super::{Control, Fault};

/// What a good camera takes; 200 MB when opened.
const MAX_PIXELS: u64 = 50_000_000;
const MAX_SIDE: u32 = 30_000;
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Pixels of all frames of a moving picture together.
const MAX_MOVING_PIXELS: u64 = 400_000_000;
/// libwebp takes no more.
const MAX_WEBP_SIDE: u32 = 16_383;

/// Width and height in pixels.
pub(crate) type Size = (u32, u32);

/// A picture that is open, the right way up.
pub(crate) struct Picture {
    image: DynamicImage,
    pub(crate) format: ImageFormat,
}

/// What of a picture is known without decoding it.
pub(crate) fn probe(path: &Path) -> Result<ImageMedia, Fault> {
    let (mut decoder, format) = open(path)?;
    let orientation = decoder.orientation().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    let is_turned = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = if is_turned { (height, width) } else { (width, height) };
    let animated = is_moving(path, format)?;
    Ok(ImageMedia { width, height, orientation: orientation.to_exif(), animated, thumbnail: None })
}

impl Picture {
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let (mut decoder, format) = open(path)?;
        let orientation = decoder.orientation().map_err(refuse)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(refuse)?;
        image.apply_orientation(orientation);
        Ok(Self { image, format })
    }

    /// The picture in another size. It never gets larger.
    pub(crate) fn scaled(&self, (width, height): (Option<u32>, Option<u32>), fit: ImageFit) -> DynamicImage {
        scale(&self.image, (width, height), fit)
    }

    pub(crate) fn image(&self) -> &DynamicImage {
        &self.image
    }
}

/// Writes a picture; `quality` counts for lossy formats.
pub(crate) fn write(image: &DynamicImage, to: &Path, format: MediaFormat, quality: u8) -> Result<(), Fault> {
    match format {
        MediaFormat::Jpeg => {
            let mut file = std::io::BufWriter::new(File::create(to)?);
            let encoder = JpegEncoder::new_with_quality(&mut file, quality);
            on_white(image).to_rgb8().write_with_encoder(encoder).map_err(refuse)?;
            Ok(std::io::Write::flush(&mut file)?)
        }
        MediaFormat::Png => image.save_with_format(to, ImageFormat::Png).map_err(refuse),
        MediaFormat::Webp => write_webp(image, to, quality),
        // What ffmpeg makes it of, which writes no transparency.
        MediaFormat::Avif => on_white(image).to_rgb8().save_with_format(to, ImageFormat::Png).map_err(refuse),
        other => Err(Fault::unsupported(format!("a picture cannot become {other}"))),
    }
}

fn write_webp(image: &DynamicImage, to: &Path, quality: u8) -> Result<(), Fault> {
    let (width, height) = (image.width(), image.height());
    if width > MAX_WEBP_SIDE || height > MAX_WEBP_SIDE {
        return Err(Fault::too_large(format!("WebP holds {MAX_WEBP_SIDE} pixels a side")));
    }
    let encoded = if image.color().has_alpha() {
        let pixels = image.to_rgba8();
        webp::Encoder::from_rgba(&pixels, width, height).encode_simple(false, f32::from(quality))
    } else {
        let pixels = image.to_rgb8();
        webp::Encoder::from_rgb(&pixels, width, height).encode_simple(false, f32::from(quality))
    };
    let encoded = encoded.map_err(|error| Fault::unsupported(format!("WebP cannot hold it: {error:?}")))?;
    Ok(std::fs::write(to, &*encoded)?)
}

/// Scales every frame of a moving GIF.
pub(crate) fn scale_gif(
    from: &Path,
    to: &Path,
    size: (Option<u32>, Option<u32>),
    fit: ImageFit,
    control: &Control,
) -> Result<(), Fault> {
    let mut decoder = GifDecoder::new(BufReader::new(File::open(from)?)).map_err(refuse)?;
    decoder.set_limits(limits()).map_err(refuse)?;
    let mut encoder = GifEncoder::new_with_speed(std::io::BufWriter::new(File::create(to)?), 10);
    encoder.set_repeat(Repeat::Infinite).map_err(refuse)?;
    let mut pixels = 0;
    for frame in decoder.into_frames() {
        control.check()?;
        let frame = frame.map_err(refuse)?;
        pixels += u64::from(frame.buffer().width()) * u64::from(frame.buffer().height());
        if pixels > MAX_MOVING_PIXELS {
            return Err(Fault::too_large(format!("its frames hold more than {MAX_MOVING_PIXELS} pixels")));
        }
        let delay = frame.delay();
        let scaled = scale(&DynamicImage::ImageRgba8(frame.into_buffer()), size, fit).into_rgba8();
        encoder.encode_frame(Frame::from_parts(scaled, 0, 0, delay)).map_err(refuse)?;
    }
    Ok(())
}

pub(crate) fn is_moving(path: &Path, format: ImageFormat) -> Result<bool, Fault> {
    let file = BufReader::new(File::open(path)?);
    match format {
        ImageFormat::Gif => {
            let mut decoder = GifDecoder::new(file).map_err(refuse)?;
            decoder.set_limits(limits()).map_err(refuse)?;
            Ok(decoder.into_frames().take(2).filter(Result::is_ok).count() > 1)
        }
        ImageFormat::WebP => Ok(WebPDecoder::new(file).map_err(refuse)?.has_animation()),
        ImageFormat::Png => PngDecoder::new(file).and_then(|decoder| decoder.is_apng()).map_err(refuse),
        _ => Ok(false),
    }
}

fn open(path: &Path) -> Result<(impl ImageDecoder + use<>, ImageFormat), Fault> {
    let mut reader = ImageReader::new(BufReader::new(File::open(path)?)).with_guessed_format()?;
    let format = reader.format().ok_or_else(|| Fault::unsupported("it is no picture of a known format"))?;
    reader.limits(limits());
    let decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Fault::too_large(format!(
            "{width} x {height} pixels; {MAX_PIXELS} are the most that is opened"
        )));
    }
    Ok((decoder, format))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

fn scale(image: &DynamicImage, wanted: (Option<u32>, Option<u32>), fit: ImageFit) -> DynamicImage {
    let size = (image.width(), image.height());
    match (wanted, fit) {
        ((Some(width), Some(height)), ImageFit::Cover) => {
            let (width, height) = within((width, height), size);
            image.resize_to_fill(width, height, FilterType::Lanczos3)
        }
        ((width, height), _) => {
            let (width, height) = (width.unwrap_or(u32::MAX), height.unwrap_or(u32::MAX));
            let is_small = size.0 <= width && size.1 <= height;
            if is_small { image.clone() } else { image.resize(width, height, FilterType::Lanczos3) }
        }
    }
}

/// The largest size of the wanted shape that is within a size.
fn within(wanted: Size, size: Size) -> Size {
    let ((width, height), (max_width, max_height)) = (wanted, size);
    if width <= max_width && height <= max_height {
        return wanted;
    }
    let share = |side: u32, of: u32, max: u32| {
        let share = u64::from(side) * u64::from(max) / u64::from(of);
        u32::try_from(share).unwrap_or(u32::MAX).max(1)
    };
    if u64::from(width) * u64::from(max_height) > u64::from(height) * u64::from(max_width) {
        (max_width, share(height, width, max_width))
    } else {
        (share(width, height, max_height), max_height)
    }
}

/// What shows through transparent pixels, where they cannot be kept, is white.
fn on_white(image: &DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image.clone();
    }
    let mut canvas = RgbaImage::from_pixel(image.width(), image.height(), Rgba([255; 4]));
    imageops::overlay(&mut canvas, &image.to_rgba8(), 0, 0);
    DynamicImage::ImageRgba8(canvas)
}

fn refuse(error: ImageError) -> Fault {
    match error {
        ImageError::Limits(error) => Fault::too_large(error.to_string()),
        ImageError::Unsupported(error) => Fault::unsupported(error.to_string()),
        // What the system says, not what a decoder says about the bytes.
        ImageError::IoError(error) if error.raw_os_error().is_some() => Fault::Machine(error),
        error => Fault::unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_never_gets_larger() {
        let image = DynamicImage::new_rgb8(40, 20);
        for (wanted, fit, expected) in [
            ((Some(20), None), ImageFit::Contain, (20, 10)),
            ((None, Some(5)), ImageFit::Contain, (10, 5)),
            ((Some(10), Some(10)), ImageFit::Contain, (10, 5)),
            ((Some(80), Some(80)), ImageFit::Contain, (40, 20)),
            ((Some(10), Some(10)), ImageFit::Cover, (10, 10)),
            ((Some(80), Some(80)), ImageFit::Cover, (20, 20)),
            ((Some(400), Some(10)), ImageFit::Cover, (40, 1)),
            ((Some(30), None), ImageFit::Cover, (30, 15)),
        ] {
            let scaled = scale(&image, wanted, fit);
            assert_eq!((scaled.width(), scaled.height()), expected, "{wanted:?} {fit:?}");
        }
    }
}
