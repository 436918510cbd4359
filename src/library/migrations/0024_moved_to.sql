-- Where files go from a watched folder once they were taken in and analysed; NULL: they stay.
ALTER TABLE batch_root ADD COLUMN moved_to ANY;
