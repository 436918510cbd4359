//! Colours by role, spacing and type: the one place where looks are decided.
//! No widget names a colour of its own.

use eframe::egui::style::{ScrollAnimation, ScrollStyle, Selection, WidgetVisuals};
use eframe::egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Grid, RichText, Stroke, Style, TextStyle,
    Theme, Ui, Visuals, vec2,
};

/// Colours by role. Text roles have a contrast of at least 4.5:1 on ground and
/// panel.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    pub ground: Color32,
    pub panel: Color32,
    pub raised: Color32,
    pub line: Color32,
    /// Boxes to tick and rails of sliders: seen on panels, and ticks on it.
    control: Color32,
    pub text: Color32,
    pub dim: Color32,
    /// Selection, focus, links.
    pub accent: Color32,
    /// Done.
    pub good: Color32,
    /// Waiting, amber volume.
    pub warning: Color32,
    /// Failed.
    pub bad: Color32,
    /// Duplicates, other copies of the program.
    pub duplicate: Color32,
    /// Size and rotation, other batches.
    pub geometry: Color32,
    /// A page that is not drawn yet: seen to be no paper, which may be blank.
    pub paper: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK: Palette = Palette {
    ground: rgb(0x15171c),
    panel: rgb(0x1c1f26),
    raised: rgb(0x262a33),
    line: rgb(0x3a404c),
    control: rgb(0x545b68),
    text: rgb(0xe7e9ee),
    dim: rgb(0xa3acba),
    accent: rgb(0x6aa6ff),
    good: rgb(0x4cc38a),
    warning: rgb(0xf0b429),
    bad: rgb(0xff6b6b),
    duplicate: rgb(0xb49bff),
    geometry: rgb(0x45bfcf),
    paper: rgb(0x2e333d),
};

const LIGHT: Palette = Palette {
    ground: rgb(0xf4f5f8),
    panel: rgb(0xffffff),
    raised: rgb(0xe9ecf2),
    line: rgb(0xc9cfda),
    control: rgb(0xacb3c0),
    text: rgb(0x1a1e26),
    dim: rgb(0x566072),
    accent: rgb(0x1a5fd0),
    good: rgb(0x167a4b),
    warning: rgb(0x8a5a00),
    bad: rgb(0xc22f35),
    duplicate: rgb(0x6a45d1),
    geometry: rgb(0x0b7285),
    paper: rgb(0xd5dae3),
};

/// For people who see little: grounds without gray, roles at least 7:1 on them.
const DARK_HIGH: Palette = Palette {
    ground: rgb(0x000000),
    panel: rgb(0x000000),
    raised: rgb(0x1f1f1f),
    line: rgb(0x9a9a9a),
    control: rgb(0x6b6b6b),
    text: rgb(0xffffff),
    dim: rgb(0xd8d8d8),
    accent: rgb(0x8abfff),
    good: rgb(0x5ee0a0),
    warning: rgb(0xffc845),
    bad: rgb(0xff9090),
    duplicate: rgb(0xcbb8ff),
    geometry: rgb(0x66dcec),
    paper: rgb(0x2a2a2a),
};

const LIGHT_HIGH: Palette = Palette {
    ground: rgb(0xffffff),
    panel: rgb(0xffffff),
    raised: rgb(0xe6e6e6),
    line: rgb(0x5c5c5c),
    control: rgb(0x949494),
    text: rgb(0x000000),
    dim: rgb(0x303030),
    accent: rgb(0x0a3f99),
    good: rgb(0x0b5330),
    warning: rgb(0x5f3c00),
    bad: rgb(0x8e1219),
    duplicate: rgb(0x472796),
    geometry: rgb(0x064e5c),
    paper: rgb(0xc8c8c8),
};

/// Colours that stand further apart, where they are wanted.
const fn palette(theme: Theme, high_contrast: bool) -> Palette {
    match (theme, high_contrast) {
        (Theme::Dark, false) => DARK,
        (Theme::Light, false) => LIGHT,
        (Theme::Dark, true) => DARK_HIGH,
        (Theme::Light, true) => LIGHT_HIGH,
    }
}

impl Palette {
    /// The colours for what is drawn on pages: paper is white in both themes.
    pub fn on_paper() -> Self {
        LIGHT
    }

    /// The colours of the theme that `ui` is drawn in.
    pub fn of(ui: &Ui) -> Self {
        let visuals = ui.visuals();
        let theme = match visuals.dark_mode {
            true => Theme::Dark,
            false => Theme::Light,
        };
        let high = palette(theme, true);
        match visuals.window_stroke.color == high.line {
            true => high,
            false => palette(theme, false),
        }
    }
}

/// Height of the bar above, in points.
pub const TOP_BAR: f32 = 44.0;
/// Height of the bar below, in points.
pub const STATUS_BAR: f32 = 32.0;
/// Height of a line in a list or table, in points.
pub const ROW: f32 = 28.0;
/// Corners of panels and buttons, and of page cells.
pub const CORNER: u8 = 6;
pub const CELL_CORNER: u8 = 4;

/// Small print: captions, marks.
pub fn small() -> FontId {
    FontId::proportional(12.0)
}

/// The heading of a section, with a line below it.
pub fn section(ui: &mut Ui, title: &str) {
    ui.label(RichText::new(title).strong());
    ui.separator();
}

/// Names and what is known under them, line by line.
pub fn facts(id: &str) -> Grid {
    Grid::new(id)
        .num_columns(2)
        .min_row_height(20.0)
        .spacing([16.0, 4.0])
}

/// Names and amounts, line by line and close together.
pub fn amounts(id: &str) -> Grid {
    Grid::new(id)
        .num_columns(2)
        .min_row_height(18.0)
        .spacing([24.0, 2.0])
}

/// Adds the font of the icons. To be called once for a context.
pub fn add_icons(context: &Context) {
    context.add_font(egui_material_icons::font_insert());
}

/// Sets both themes' looks. `still`: nothing moves by itself.
pub fn apply(context: &Context, high_contrast: bool, still: bool) {
    for theme in [Theme::Dark, Theme::Light] {
        let palette = palette(theme, high_contrast);
        context.style_mut_of(theme, |style| {
            set_style(style, theme, palette);
            if still {
                style.animation_time = 0.0;
                style.scroll_animation = ScrollAnimation::none();
            }
        });
    }
}

fn set_style(style: &mut Style, theme: Theme, palette: Palette) {
    let font = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Small, font(12.0)),
        (TextStyle::Body, font(13.5)),
        (TextStyle::Button, font(13.5)),
        (TextStyle::Heading, font(16.0)),
        (TextStyle::Name("title".into()), font(22.0)),
        (TextStyle::Monospace, FontId::monospace(12.5)),
    ]
    .into();
    style.spacing.item_spacing = vec2(8.0, 4.0);
    style.spacing.button_padding = vec2(8.0, 4.0);
    style.spacing.interact_size = vec2(40.0, ROW);
    style.spacing.menu_margin = 8.into();
    style.spacing.window_margin = 16.into();
    style.spacing.scroll = ScrollStyle::thin();
    style.animation_time = 0.08;
    style.scroll_animation = ScrollAnimation::default();
    style.interaction.selectable_labels = false;

    let mut visuals = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.extreme_bg_color = palette.ground;
    visuals.faint_bg_color = palette.ground;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = CornerRadius::same(CORNER + 2);
    visuals.menu_corner_radius = CornerRadius::same(CORNER);
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.warning;
    visuals.error_fg_color = palette.bad;
    visuals.weak_text_color = Some(palette.dim);
    visuals.selection = Selection {
        bg_fill: palette.accent.gamma_multiply(0.28),
        stroke: Stroke::new(1.0, palette.text),
    };
    let widget = |fill: Color32, edge: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: CornerRadius::same(CORNER),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = widget(palette.panel, palette.line, palette.text);
    visuals.widgets.inactive = WidgetVisuals {
        bg_fill: palette.control,
        ..widget(palette.raised, palette.raised, palette.text)
    };
    visuals.widgets.hovered = widget(palette.raised, palette.dim, palette.text);
    visuals.widgets.active = widget(palette.raised, palette.accent, palette.text);
    visuals.widgets.open = widget(palette.raised, palette.line, palette.text);
    style.visuals = visuals;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(colour: Color32) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.03928 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn every_role_can_be_read_on_its_grounds() {
        for (palette, least) in [
            (DARK, 4.5),
            (LIGHT, 4.5),
            (DARK_HIGH, 7.0),
            (LIGHT_HIGH, 7.0),
        ] {
            let roles = [
                palette.text,
                palette.dim,
                palette.accent,
                palette.good,
                palette.warning,
                palette.bad,
                palette.duplicate,
                palette.geometry,
            ];
            for role in roles {
                for ground in [palette.ground, palette.panel] {
                    assert!(contrast(role, ground) >= least, "{role:?} on {ground:?}");
                }
            }
        }
    }

    #[test]
    fn a_page_that_is_not_drawn_yet_is_not_taken_for_a_blank_one() {
        for palette in [DARK, LIGHT, DARK_HIGH, LIGHT_HIGH] {
            assert!(contrast(palette.paper, Color32::WHITE) >= 1.3);
            assert!(contrast(palette.paper, palette.ground) >= 1.2);
        }
    }

    #[test]
    fn a_box_is_seen_and_whether_it_is_ticked() {
        for palette in [DARK_HIGH, LIGHT_HIGH] {
            assert!(contrast(palette.control, palette.panel) >= 3.0);
            assert!(contrast(palette.text, palette.control) >= 4.5);
        }
    }
}
