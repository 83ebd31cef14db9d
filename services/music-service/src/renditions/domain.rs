//! Which rendition fits a wish.

use contracts::Quality;

use super::repository::Rendition;

/// The best rendition that is no better than what is wanted; where all are better, the least of them. Of equals, the source.
/// Nothing only where there are none.
pub(crate) fn best(renditions: Vec<Rendition>, wanted: Option<Quality>) -> Option<Rendition> {
    let wanted = rank(wanted.unwrap_or(Quality::Lossless));
    let distance = |rendition: &Rendition| {
        let rank = rank(rendition.quality.0);
        // Above the wish comes after everything below it.
        let order = if rank <= wanted { (0, wanted - rank) } else { (1, rank - wanted) };
        (order, !rendition.is_source, std::cmp::Reverse(rendition.bitrate), rendition.id)
    };
    renditions.into_iter().min_by_key(distance)
}

fn rank(quality: Quality) -> u8 {
    match quality {
        Quality::Low => 0,
        Quality::Medium => 1,
        Quality::High => 2,
        Quality::Lossless => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::renditions::repository::tests::rendition;

    #[test]
    fn a_wish_is_met_from_below_first() {
        use Quality::{High, Lossless, Low, Medium};
        let pick = |there: &[Quality], wanted| {
            let there = there.iter().map(|quality| rendition(*quality, *quality == Lossless)).collect();
            best(there, wanted).map(|rendition| rendition.quality.0)
        };
        assert_eq!(pick(&[Lossless, High, Low], None), Some(Lossless));
        assert_eq!(pick(&[Lossless, High, Low], Some(High)), Some(High));
        assert_eq!(pick(&[Lossless, High, Low], Some(Medium)), Some(Low));
        assert_eq!(pick(&[Lossless, High], Some(Medium)), Some(High));
        assert_eq!(pick(&[Lossless], Some(Low)), Some(Lossless));
        assert_eq!(pick(&[], Some(Low)), None);
    }

    #[test]
    fn of_equals_the_source_is_best() {
        let (made, source) = (rendition(Quality::High, false), rendition(Quality::High, true));
        assert_eq!(best(vec![made, source.clone()], None).map(|best| best.id), Some(source.id));
    }
}
