#pragma once
// Where the files of a repository lie that git needs to read, but for its configurations: those may
// hold passwords.  Read before any object is; what is listed is what a process may open afterwards.

#include <string>
#include <vector>

#include "model/readable.h"

namespace minescan::acquire {

// A file, or what a link to it leads to; nothing when it is not there.
void add_file(const std::string& path, std::vector<Readable>& places);
// A git directory.  A link in it counts when it leads to something of the same name: one that leads
// anywhere else would open whatever a foreign repository wants.
void add_repository(const std::string& directory, std::vector<Readable>& places);
// A directory of objects and those that it borrows from, which must be called "objects", and
// theirs: each once.
std::vector<std::string> object_directories(const std::string& objects);
// The configurations of the submodules whose git directories lie in the folder, and of theirs.
std::vector<std::string> submodule_configurations(const std::string& modules);
// A working tree but for its .git.
void add_work_tree(const std::string& root, std::vector<Readable>& places);

}  // namespace minescan::acquire
