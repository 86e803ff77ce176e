#pragma once
// Every format that has a file here; format.cpp puts them in the order in which they are tried.

#include "unpack/format.h"

namespace minescan::unpack {

// Encodings.
extern const Format kGzip;
extern const Format kZlib;
extern const Format kZstd;
extern const Format kXz;
extern const Format kLzip;
extern const Format kLzma;
extern const Format kBzip2;
extern const Format kLz4;
extern const Format kZisofs;
extern const Format kBrotli;  // by name only
extern const Format kCcob;

// Archives.
extern const Format kTar;
extern const Format kZip;
extern const Format kAr;
extern const Format kCpio;
extern const Format kRpm;
extern const Format kSquashfs;
extern const Format kAsar;
extern const Format kGitObject;
extern const Format kGitPack;

// Archives of GPU code; they lie inside programs (embedded.h).
extern const Format kFatbin;
extern const Format kOffloadBundle;
extern const Format kOffloadPackage;

// What a program runs; it lies inside that too.
extern const Format kNodeSea;

// Known and not read.
extern const Format kNsis;

// Begins inside of a file (embedded.h).
extern const Format kIso;

}  // namespace minescan::unpack
