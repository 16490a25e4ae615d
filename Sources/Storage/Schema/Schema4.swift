/// When a proxy last asked about an application without naming the origin that it serves.
let schema4 = """
    ALTER TABLE application ADD COLUMN unpinned_at {int};
    """
