//! The zone abbreviations that PostgreSQL knows by default, in minutes east of Greenwich.

/// Sorted by name, so that it can be searched by halves.
#[rustfmt::skip]
const ZONES: [(&str, i32); 195] = [
    ("ACDT", 630), ("ACSST", 630), ("ACST", 570), ("ACT", -300), ("ACWST", 525), ("ADT", -180),
    ("AEDT", 660), ("AESST", 660), ("AEST", 600), ("AFT", 270), ("AKDT", -480), ("AKST", -540),
    ("ALMST", 420), ("ALMT", 360), ("AMST", 240), ("AMT", -240), ("ANAST", 720), ("ANAT", 720),
    ("ARST", -180), ("ART", -180), ("AST", -240), ("AWSST", 540), ("AWST", 480), ("AZOST", 0),
    ("AZOT", -60), ("AZST", 240), ("AZT", 240), ("BDST", 120), ("BDT", 360), ("BNT", 480), ("BORT", 480),
    ("BOT", -240), ("BRA", -180), ("BRST", -120), ("BRT", -180), ("BST", 60), ("BTT", 360), ("CADT", 630),
    ("CAST", 570), ("CCT", 480), ("CDT", -300), ("CEST", 120), ("CET", 60), ("CETDST", 120), ("CHADT", 825),
    ("CHAST", 765), ("CHUT", 600), ("CKT", -600), ("CLST", -180), ("CLT", -240), ("COT", -300),
    ("CST", -360), ("CXT", 420), ("DAVT", 420), ("DDUT", 600), ("EASST", -360), ("EAST", -360),
    ("EAT", 180), ("EDT", -240), ("EEST", 180), ("EET", 120), ("EETDST", 180), ("EGST", 0), ("EGT", -60),
    ("EST", -300), ("FET", 180), ("FJST", 780), ("FJT", 720), ("FKST", -180), ("FKT", -180), ("FNST", -60),
    ("FNT", -120), ("GALT", -360), ("GAMT", -540), ("GEST", 240), ("GET", 240), ("GFT", -180),
    ("GILT", 720), ("GMT", 0), ("GYT", -240), ("HKT", 480), ("HST", -600), ("ICT", 420), ("IDT", 180),
    ("IOT", 360), ("IRKST", 480), ("IRKT", 480), ("IRT", 210), ("IST", 120), ("JAYT", 540), ("JST", 540),
    ("KDT", 600), ("KGST", 360), ("KGT", 360), ("KOST", 660), ("KRAST", 420), ("KRAT", 420), ("KST", 540),
    ("LHDT", 630), ("LHST", 630), ("LIGT", 600), ("LINT", 840), ("LKT", 330), ("MAGST", 660), ("MAGT", 660),
    ("MART", -570), ("MAWT", 300), ("MDT", -360), ("MEST", 120), ("MESZ", 120), ("MET", 60),
    ("METDST", 120), ("MEZ", 60), ("MHT", 720), ("MMT", 390), ("MPT", 600), ("MSD", 240), ("MSK", 180),
    ("MST", -420), ("MUST", 300), ("MUT", 240), ("MVT", 300), ("MYT", 480), ("NDT", -150), ("NFT", -210),
    ("NOVST", 420), ("NOVT", 420), ("NPT", 345), ("NST", -210), ("NUT", -660), ("NZDT", 780), ("NZST", 720),
    ("NZT", 720), ("OMSST", 360), ("OMST", 360), ("PDT", -420), ("PET", -300), ("PETST", 720),
    ("PETT", 720), ("PGT", 600), ("PHT", 480), ("PKST", 360), ("PKT", 300), ("PMDT", -120), ("PMST", -180),
    ("PONT", 660), ("PST", -480), ("PWT", 540), ("PYST", -180), ("PYT", -240), ("RET", 240), ("SADT", 630),
    ("SAST", 120), ("SCT", 240), ("SGT", 480), ("TAHT", -600), ("TFT", 300), ("TJT", 300), ("TKT", 780),
    ("TMT", 300), ("TOT", 780), ("TRUT", 600), ("TVT", 720), ("UCT", 0), ("ULAST", 540), ("ULAT", 480),
    ("UT", 0), ("UTC", 0), ("UYST", -120), ("UYT", -180), ("UZST", 360), ("UZT", 300), ("VET", -240),
    ("VLAST", 600), ("VLAT", 600), ("VOLT", 180), ("VUT", 660), ("WADT", 480), ("WAKT", 720), ("WAST", 420),
    ("WAT", 60), ("WDT", 540), ("WET", 0), ("WETDST", 60), ("WFT", 720), ("WGST", -120), ("WGT", -180),
    ("XJT", 360), ("YAKST", 540), ("YAKT", 540), ("YAPT", 600), ("YEKST", 360), ("YEKT", 300), ("Z", 0),
    ("ZULU", 0),
];

/// The abbreviations of daylight saving time among those that mean the same at all times.
const DAYLIGHT: [&str; 48] = [
    "ACDT", "ACSST", "ADT", "AEDT", "AESST", "AKDT", "ALMST", "AWSST", "AZOST", "BDST", "BRST", "BST",
    "CADT", "CDT", "CEST", "CETDST", "CHADT", "CLST", "EDT", "EEST", "EETDST", "EGST", "FJST", "FNST", "IDT",
    "KDT", "KGST", "MDT", "MESZ", "MEST", "METDST", "MSD", "MUST", "NDT", "NZDT", "PDT", "PKST", "PMDT",
    "PYST", "SADT", "ULAST", "UYST", "UZST", "WADT", "WDT", "WETDST", "WGST", "YEKST",
];

/// The abbreviations that meant something else at other times, with the zone that knows.
#[rustfmt::skip]
const OF_ZONES: [(&str, &str); 50] = [
    ("AMST", "asia/yerevan"), ("ANAST", "asia/anadyr"), ("ANAT", "asia/anadyr"),
    ("ARST", "america/argentina/buenos_aires"), ("ART", "america/argentina/buenos_aires"),
    ("AZST", "asia/baku"), ("AZT", "asia/baku"), ("CKT", "pacific/rarotonga"), ("CLT", "america/santiago"),
    ("DAVT", "antarctica/davis"), ("EASST", "pacific/easter"), ("EAST", "pacific/easter"),
    ("FKST", "atlantic/stanley"), ("FKT", "atlantic/stanley"), ("GEST", "asia/tbilisi"),
    ("GET", "asia/tbilisi"), ("GYT", "america/guyana"), ("IOT", "indian/chagos"), ("IRKST", "asia/irkutsk"),
    ("IRKT", "asia/irkutsk"), ("KGT", "asia/bishkek"), ("KOST", "pacific/kosrae"),
    ("KRAST", "asia/krasnoyarsk"), ("KRAT", "asia/krasnoyarsk"), ("LHDT", "australia/lord_howe"),
    ("LINT", "pacific/kiritimati"), ("LKT", "asia/colombo"), ("MAGST", "asia/magadan"),
    ("MAGT", "asia/magadan"), ("MAWT", "antarctica/mawson"), ("MSK", "europe/moscow"),
    ("NOVST", "asia/novosibirsk"), ("NOVT", "asia/novosibirsk"), ("NUT", "pacific/niue"),
    ("OMSST", "asia/omsk"), ("OMST", "asia/omsk"), ("PETST", "asia/kamchatka"), ("PETT", "asia/kamchatka"),
    ("PYT", "america/asuncion"), ("SGT", "asia/singapore"), ("TKT", "pacific/fakaofo"),
    ("TMT", "asia/ashgabat"), ("ULAT", "asia/ulaanbaatar"), ("VET", "america/caracas"),
    ("VLAST", "asia/vladivostok"), ("VLAT", "asia/vladivostok"), ("VOLT", "europe/volgograd"),
    ("YAKST", "asia/yakutsk"), ("YAKT", "asia/yakutsk"), ("YEKT", "asia/yekaterinburg"),
];

/// What an abbreviation stands for in a date that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abbreviation {
    /// So many minutes east of Greenwich.
    Standard(i32),
    /// So many minutes east of Greenwich, in summer.
    Daylight(i32),
    /// What the zone of this name means by it at the time.
    OfZone(&'static str),
}

/// Looks an abbreviation up, in any case: `EST`, `cetdst`.
pub(super) fn find(name: &str) -> Option<Abbreviation> {
    let minutes = offset_minutes(name)?;
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    Some(match OF_ZONES.iter().find(|(abbreviation, _)| is(abbreviation)) {
        Some((_, zone)) => Abbreviation::OfZone(zone),
        None if DAYLIGHT.iter().any(|known| is(known)) => Abbreviation::Daylight(minutes),
        None => Abbreviation::Standard(minutes),
    })
}

/// The offset of an abbreviation in any case: `EST`, `cetdst`.
pub(super) fn offset_minutes(name: &str) -> Option<i32> {
    let name = name.to_ascii_uppercase();
    let place = ZONES.binary_search_by_key(&name.as_str(), |(zone, _)| zone).ok()?;
    Some(ZONES[place].1)
}

/// All abbreviations with their offsets, by name.
pub(super) fn abbreviations() -> impl DoubleEndedIterator<Item = (&'static str, i32)> {
    ZONES.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_sorted() {
        assert!(ZONES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(offset_minutes("est"), Some(-300));
        assert_eq!(offset_minutes("NPT"), Some(345));
        assert_eq!(offset_minutes("XX"), None);
    }
}
