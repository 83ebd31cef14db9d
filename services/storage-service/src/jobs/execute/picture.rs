//! Pictures of pictures.

use contracts::MediaFormat;
use contracts::storage::{ImageMedia, Media};
use image::{DynamicImage, ImageFormat};

use super::{Bench, Made, Material, Product, blocking, made};
use crate::blob_store::Temporary;
use crate::jobs::domain::PictureWork;
use crate::media::Fault;
use crate::media::picture::{self, Picture};

/// Scales a picture and writes it in a format.
pub(super) async fn remake(
    work: PictureWork,
    key: String,
    material: Material,
    bench: &Bench,
) -> Result<Product, Fault> {
    if !material.version.content_type.starts_with("image/") {
        return Err(Fault::unsupported(format!("{} is no picture", material.version.content_type)));
    }
    if work.format.is_none() && material.version.content_type == "image/gif" {
        return remake_gif(work, key, material, bench).await;
    }
    let room = bench.blobs.room();
    let path = room.path().to_owned();
    let (format, media) = blocking(move || {
        let picture = Picture::open(&material.path)?;
        let format = work.format.unwrap_or_else(|| format_of(picture.format));
        let is_scaled = work.size != (None, None);
        let scaled = is_scaled.then(|| picture.scaled(work.size, work.fit));
        let image = scaled.as_ref().unwrap_or_else(|| picture.image());
        picture::write(image, &path, format, work.quality)?;
        Ok((format, facts(image)))
    })
    .await?;
    let room = if format == MediaFormat::Avif { as_avif(room, work.quality, bench).await? } else { room };
    one(made(room, key, format.content_type(), Some(media)).await)
}

async fn as_avif(png: Temporary, quality: u8, bench: &Bench) -> Result<Temporary, Fault> {
    let room = bench.blobs.room();
    bench.ffmpeg.write_avif(png.path(), room.path(), quality, &bench.control).await?;
    Ok(room)
}

/// A moving picture goes on moving.
async fn remake_gif(
    work: PictureWork,
    key: String,
    material: Material,
    bench: &Bench,
) -> Result<Product, Fault> {
    let (room, control) = (bench.blobs.room(), bench.control.clone());
    let path = room.path().to_owned();
    let media = blocking(move || {
        picture::scale_gif(&material.path, &path, work.size, work.fit, &control)?;
        picture::probe(&path)
    })
    .await?;
    one(made(room, key, "image/gif", Some(Media::Image(media))).await)
}

fn one(made: Result<Made, Fault>) -> Result<Product, Fault> {
    made.map(|made| Product::Made(vec![made]))
}

/// What a format that cannot be written is kept in, without loss.
fn format_of(format: ImageFormat) -> MediaFormat {
    match format {
        ImageFormat::Jpeg => MediaFormat::Jpeg,
        ImageFormat::WebP => MediaFormat::Webp,
        _ => MediaFormat::Png,
    }
}

fn facts(image: &DynamicImage) -> Media {
    let (width, height) = (image.width(), image.height());
    Media::Image(ImageMedia { width, height, orientation: 1, animated: false, thumbnail: None })
}
