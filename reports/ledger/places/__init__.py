"""Where runs lie: folders of this machine, prefixes of an object store."""
