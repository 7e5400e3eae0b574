"""Music for the way: lists kept on a device, licences to play them offline, and the manifests that tell of them."""
