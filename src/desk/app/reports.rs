//! What people send when something is wrong with the program: *About*, and reports of
//! crashes. Not for failures of documents.

use super::Desk;
use crate::crash;
use crate::desk::panels::notices::Offer;
use crate::triage::Places;

impl Desk {
    /// Tells where logs and reports of crashes are. A report that is new is offered.
    pub fn put_places(&mut self, places: &Places) {
        self.dialogs.about.put_places(places);
        self.dialogs.first_steps.put_places(places);
        if let Some(report) = crash::take_new(&places.crashes) {
            self.notices.keep_offer(
                "Something in Pagesieve itself went wrong when it ran before. A report without \
                 anything of your documents was kept.",
                Offer::CrashReport(report),
            );
        }
    }
}
