# toll_room(NAME [ROOMS room...] [PRIVATE library...])
#   One static library per room, from all sources below its folder but the program's main.cc.
#   Headers directly in the folder are its doors; headers in folders below are its own business.
function(toll_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(toll_${name} STATIC ${sources})
  target_include_directories(toll_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(toll_${name} PRIVATE ${ROOM_PRIVATE})
  toll_use_shared_headers(toll_${name} toll_room_headers)
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(toll_${name} PUBLIC toll_${room})
  endforeach()
endfunction()

# toll_program(NAME ROOM): the program whose main.cc stands in ROOM.
function(toll_program name room)
  add_executable(${name} ${room}/main.cc)
  target_link_libraries(${name} PRIVATE toll_${room})
endfunction()
