//! The scratch meter: one bar of who holds what, with the exact numbers on
//! hover. Colours are never the only sign: residue is dotted, reservations are
//! hatched, the floor is crossed out, and words stand beside the bar.

use eframe::egui::{
    Color32, Painter, Pos2, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};
use egui_material_icons::icons;

use crate::desk::theme::{self, Palette};
use crate::desk::words;
use crate::triage::{Meter, VolumeState};

/// Size of the bar in points.
const WIDTH: f32 = 150.0;
const HEIGHT: f32 = 12.0;

/// How a segment is filled.
#[derive(Clone, Copy)]
enum Fill {
    Plain,
    Dotted,
    Hatched,
}

/// Draws the bar and its words; the response is that of the whole.
pub fn ui(ui: &mut Ui, meter: &Meter) -> Response {
    let palette = Palette::of(ui);
    let colour = match meter.volume_state {
        VolumeState::Green => palette.line,
        VolumeState::Amber | VolumeState::Unknown => palette.warning,
        VolumeState::Red => palette.bad,
    };
    let (words, sign) = (in_words(meter), sign(meter));
    let response = ui
        .horizontal(|ui| {
            ui.weak("Scratch");
            let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, HEIGHT), Sense::hover());
            bar(ui, meter, rect, colour);
            ui.label(RichText::new(&words).size(12.0));
            if let Some(sign) = sign {
                let text = format!("{} {sign}", icons::ICON_WARNING.codepoint);
                ui.label(RichText::new(text).size(12.0).color(colour));
            }
        })
        .response
        .interact(Sense::click());
    response.widget_info(|| {
        let sign = sign.map_or_else(String::new, |sign| format!(", {sign}"));
        WidgetInfo::labeled(Role::Button, true, format!("Scratch: {words}{sign}"))
    });
    response.on_hover_ui(|ui| details(ui, meter))
}

/// "1.2 GB of 20.0 GB, 3 GB reserved"; of less than a twentieth of the budget nobody has to
/// know.
fn in_words(meter: &Meter) -> String {
    let (used, budget) = (words::size(meter.used()), words::size(meter.budget));
    match meter.reserved.saturating_mul(20) < meter.budget {
        true => format!("{used} of {budget}"),
        false => format!(
            "{used} of {budget}, {} reserved",
            words::size(meter.reserved)
        ),
    }
}

/// What is scarce, if anything is: room on the disk, whoever fills it, or what is left of the
/// budget.
fn sign(meter: &Meter) -> Option<&'static str> {
    let least = meter.floor;
    match meter.volume_state {
        VolumeState::Green => None,
        VolumeState::Amber if meter.free < least.saturating_mul(2) => Some("Disk low"),
        VolumeState::Amber => Some("Nearly full"),
        VolumeState::Red if meter.free < least => Some("Disk full"),
        VolumeState::Red => Some("Full"),
        VolumeState::Unknown => Some("Unknown"),
    }
}

fn segments(meter: &Meter, palette: &Palette) -> [(u64, Color32, Fill); 6] {
    [
        (
            meter.this_batch + meter.working,
            palette.accent,
            Fill::Plain,
        ),
        (meter.other_batches, palette.geometry, Fill::Plain),
        (meter.other_copies, palette.duplicate, Fill::Plain),
        (meter.residue, palette.bad, Fill::Dotted),
        (meter.unattributed, palette.warning, Fill::Dotted),
        (meter.reserved, palette.accent, Fill::Hatched),
    ]
}

fn bar(ui: &Ui, meter: &Meter, rect: Rect, edge: Color32) {
    let palette = Palette::of(ui);
    let painter = ui.painter().with_clip_rect(rect.expand(1.0));
    painter.rect_filled(rect, 2, palette.ground);
    // The whole bar is the budget, or what the disk can give of it.
    let is_known = meter.volume_state != VolumeState::Unknown;
    let room = if is_known {
        meter.budget.min(meter.used() + meter.free)
    } else {
        meter.budget
    };
    let whole = room.max(meter.used()).max(1) as f32;
    let mut x = rect.left();
    for (bytes, colour, fill) in segments(meter, &palette) {
        if bytes == 0 {
            continue;
        }
        // What is there can be seen, however little it is.
        let width = (bytes as f32 / whole * rect.width()).max(2.0);
        let part = Rect::from_min_max(
            pos2(x, rect.top()),
            pos2((x + width).min(rect.right()), rect.bottom()),
        );
        paint(&painter, part, colour, fill);
        x += width;
    }
    let floor = if is_known {
        let left = room.saturating_sub(meter.used()) as f32;
        let usable = meter.free.saturating_sub(meter.floor) as f32;
        ((left - usable).max(0.0) / whole * rect.width()).min(rect.width())
    } else {
        0.0
    };
    if floor >= 1.0 {
        let part = Rect::from_min_max(pos2(rect.right() - floor, rect.top()), rect.max);
        crossed(&painter, part, palette.dim);
    }
    let high = rect.left() + (meter.high_water as f32 / whole).min(1.0) * rect.width();
    painter.vline(high, rect.y_range(), Stroke::new(1.0, palette.text));
    painter.rect_stroke(rect, 2, Stroke::new(1.0, edge), StrokeKind::Outside);
}

fn paint(painter: &Painter, rect: Rect, colour: Color32, fill: Fill) {
    match fill {
        Fill::Plain => {
            painter.rect_filled(rect, 0, colour);
        }
        Fill::Dotted => {
            painter.rect_filled(rect, 0, colour.gamma_multiply(0.35));
            let mut x = rect.left() + 2.0;
            while x < rect.right() {
                painter.circle_filled(pos2(x, rect.center().y), 1.2, colour);
                x += 4.0;
            }
        }
        Fill::Hatched => {
            painter.rect_filled(rect, 0, colour.gamma_multiply(0.2));
            hatch(&painter.with_clip_rect(rect), rect, colour, 1.0);
        }
    }
}

fn crossed(painter: &Painter, rect: Rect, colour: Color32) {
    let painter = painter.with_clip_rect(rect);
    let colour = colour.gamma_multiply(0.6);
    hatch(&painter, rect, colour, 1.0);
    hatch(&painter, rect, colour, -1.0);
}

fn hatch(painter: &Painter, rect: Rect, colour: Color32, direction: f32) {
    let height = rect.height();
    let mut x = rect.left() - height;
    while x < rect.right() + height {
        let (from, to): (Pos2, Pos2) = (
            pos2(x, rect.bottom()),
            pos2(x + height * direction, rect.top()),
        );
        painter.line_segment([from, to], Stroke::new(1.0, colour));
        x += 5.0;
    }
}

fn details(ui: &mut Ui, meter: &Meter) {
    ui.set_max_width(360.0);
    ui.label(RichText::new("Scratch space").strong());
    ui.weak("The only place where temporary files are kept.");
    ui.add_space(4.0);
    holders(ui, meter);
    if meter.ram_backed {
        ui.label("This place is RAM-backed: what is kept here uses memory.");
    }
    ui.weak("Click to clean, or to change the budget.");
}

/// Who holds how much, and the limits, line by line.
pub fn holders(ui: &mut Ui, meter: &Meter) {
    theme::amounts("scratch").show(ui, |ui| {
        let known = meter.volume_state != VolumeState::Unknown;
        let free = known.then_some(meter.free);
        let lines = [
            ("Thumbnails of this batch", Some(meter.this_batch)),
            ("Other batches", Some(meter.other_batches)),
            ("Workers of this copy", Some(meter.working)),
            ("Other running copies", Some(meter.other_copies)),
            ("Left behind by earlier runs", Some(meter.residue)),
            ("Deleted, but still open", Some(meter.unattributed)),
            ("Reserved, not yet written", Some(meter.reserved)),
            ("Highest so far", Some(meter.high_water)),
            ("Budget", Some(meter.budget)),
            ("Free on the disk", free),
            ("Free space that is never used", Some(meter.floor)),
        ];
        for (name, bytes) in lines {
            ui.weak(name);
            ui.label(bytes.map_or("unknown".into(), words::size));
            ui.end_row();
        }
        if let Some(files) = meter.files_free {
            ui.weak("Files that the disk has room for");
            ui.label(words::grouped(files));
            ui.end_row();
        }
        ui.weak("The library")
            .on_hover_text("Results and texts of all batches; not part of scratch");
        ui.label(words::size(meter.library));
        ui.end_row();
        if let Some(free) = meter.library_free {
            ui.weak("Free on the library's disk");
            ui.label(words::size(free));
            ui.end_row();
        }
        ui.weak("Reserve held for the library")
            .on_hover_text("Given up when the disk is full, so that results can be stored");
        ui.label(words::size(meter.ballast));
        ui.end_row();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(volume_state: VolumeState, free: u64, reserved: u64) -> Meter {
        Meter {
            budget: 1_000_000_000,
            floor: 2_000_000_000,
            free,
            this_batch: 500_000_000,
            reserved,
            volume_state,
            ..Meter::default()
        }
    }

    #[test]
    fn what_is_scarce_is_told_by_its_name() {
        let (amber, red) = (VolumeState::Amber, VolumeState::Red);
        for (state, free, said) in [
            (VolumeState::Green, 9_000_000_000, None),
            (amber, 3_000_000_000, Some("Disk low")),
            (amber, 9_000_000_000, Some("Nearly full")),
            (red, 1_000_000_000, Some("Disk full")),
            (red, 9_000_000_000, Some("Full")),
        ] {
            assert_eq!(sign(&meter(state, free, 0)), said);
        }
    }

    #[test]
    fn what_is_reserved_counts_and_is_said() {
        let said = |reserved| in_words(&meter(VolumeState::Red, 9_000_000_000, reserved));
        assert_eq!(said(0), "500.0 MB of 1.0 GB");
        assert_eq!(said(500_000_000), "500.0 MB of 1.0 GB, 500.0 MB reserved");
    }
}
