#include "app/app.h"

int main(int argc, char** argv) { return minescan::app::run(argc, argv); }
