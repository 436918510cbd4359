//! In place of `client`, in a build without object storage.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::{Object, ObjectError, Version};
use crate::model::Address;

pub fn look_at(_: &Address, _: &AtomicBool) -> Result<Version, ObjectError> {
    Err(ObjectError::NotBuiltIn)
}

pub fn below(_: &Address, _: &AtomicBool) -> Result<Vec<Object>, ObjectError> {
    Err(ObjectError::NotBuiltIn)
}

pub fn start_of(_: &Address, _: u64, _: &AtomicBool) -> Result<Vec<u8>, ObjectError> {
    Err(ObjectError::NotBuiltIn)
}

pub fn read(
    _: &Address,
    _: &Version,
    _: u64,
    _: &AtomicBool,
    _: &mut dyn FnMut(&[u8]) -> Result<(), ObjectError>,
) -> Result<(), ObjectError> {
    Err(ObjectError::NotBuiltIn)
}

pub fn put(_: &Path, _: &Address, _: &AtomicBool) -> Result<(), ObjectError> {
    Err(ObjectError::NotBuiltIn)
}

pub fn pause(_: u32, _: &AtomicBool) -> Result<(), ObjectError> {
    Ok(())
}
