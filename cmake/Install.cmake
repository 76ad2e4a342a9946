# What `cmake --install` gives: the program, and the library that other programs find as Toll::Toll.
include(GNUInstallDirs)

add_library(Toll SHARED $<TARGET_OBJECTS:toll_embed>)
set_target_properties(Toll PROPERTIES OUTPUT_NAME toll EXPORT_NAME Toll)
target_link_libraries(Toll PRIVATE toll_wire)
target_link_options(Toll PRIVATE LINKER:--exclude-libs,ALL)
target_compile_features(Toll INTERFACE cxx_std_23)
target_include_directories(Toll INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

install(TARGETS toll DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS Toll EXPORT Toll DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES embed/toll.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/toll)
install(EXPORT Toll NAMESPACE Toll:: FILE TollConfig.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Toll)
