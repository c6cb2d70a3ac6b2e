/** A GIF of one pixel, all of it ASCII, so that it is a text like other contents. */
export const PICTURE = "GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
