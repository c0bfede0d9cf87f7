// Of what is somebody's own nothing can be painted before it is loaded.
export const ssr = false;
