//! Streams whose length is wrong or missing: their content is what lies before
//! `endstream`, as viewers take it. Not for encrypted documents, whose streams
//! have another length once they are decrypted.

use lopdf::{Document, Object};
use memchr::memmem;

/// Corrects streams that do not end where they say.
pub fn mend_streams(document: &mut Document, bytes: &[u8]) {
    let keyword = memmem::Finder::new("endstream");
    for object in document.objects.values_mut() {
        let Object::Stream(stream) = object else {
            continue;
        };
        // Those in object streams have no place of their own, and need none.
        let Some(rest) = stream.start_position.and_then(|start| bytes.get(start..)) else {
            continue;
        };
        let stated = rest.get(..stream.content.len());
        let is_here = stated == Some(stream.content.as_slice());
        let after = rest.get(stream.content.len()..).unwrap_or_default();
        if !is_here || after.trim_ascii_start().starts_with(b"endstream") {
            continue;
        }
        if let Some(end) = keyword.find(rest) {
            stream.content = without_line_end(&rest[..end]).to_vec();
        }
    }
}

/// The end of line before `endstream` is not part of the content.
fn without_line_end(content: &[u8]) -> &[u8] {
    content
        .strip_suffix(b"\r\n")
        .or_else(|| content.strip_suffix(b"\n"))
        .or_else(|| content.strip_suffix(b"\r"))
        .unwrap_or(content)
}
