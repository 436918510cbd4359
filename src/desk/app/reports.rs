//! What people send when something is wrong with the program: *About*, and reports of
//! crashes. Not for failures of documents.

use eframe::egui::Context;

use super::Desk;
use crate::crash;
use crate::desk::notices::Offer;
use crate::desk::{about, crash_report, reveal};
use crate::triage::{Command, Places};

impl Desk {
    /// Tells where logs and reports of crashes are. A report that is new is offered.
    pub fn put_places(&mut self, places: &Places) {
        self.about.put_places(places);
        if let Some(report) = crash::take_new(&places.crashes) {
            self.notices.keep_offer(
                "Something in Pagesieve itself went wrong when it ran before. A report without \
                 anything of your documents was kept.",
                Offer::CrashReport(report),
            );
        }
    }

    pub(super) fn reports(&mut self, context: &Context, frame: &eframe::Frame) {
        let (mut copied, mut folder) = (None, None);
        match self.about.ui(context, frame) {
            Some(about::Asked::Describe) => self.session.send(Command::DescribeEngines),
            Some(about::Asked::Copy(text)) => copied = Some(text),
            Some(about::Asked::Folder(asked)) => folder = Some(asked),
            None => {}
        }
        match self.crash_report.ui(context) {
            Some(crash_report::Asked::Copy(text)) => copied = Some(text),
            Some(crash_report::Asked::Folder(asked)) => folder = Some(asked),
            None => {}
        }
        if let Some(text) = copied {
            context.copy_text(text);
            self.notices.tell("Copied.");
        }
        if let Some(folder) = folder
            && let Err(problem) = reveal::folder(&folder)
        {
            self.notices.warn(problem);
        }
    }
}
