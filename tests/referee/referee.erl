%% SPDX-License-Identifier: Apache-2.0
%% The Erlang side of the PER referee: what asn1ct made of the same schema decodes and encodes.
%%
%%   erl -noshell -pa DIR -run referee main MODULE recode < "TYPE HEX" lines > "HEX" or "error ..." lines
%%   erl -noshell -pa DIR -run referee main MODULE random N SEED < "TYPE" lines > "TYPE HEX" lines
-module(referee).
-export([main/1]).

main([Module, "recode"]) ->
    io:setopts([binary]),
    each_line(fun(Line) ->
        [Type, Hex] = string:lexemes(Line, " "),
        io:put_chars([try recode(list_to_atom(Module), binary_to_atom(Type), binary:decode_hex(Hex))
                      catch _:Reason -> error_text(Reason) end, $\n])
    end),
    halt(0);
main([Module, "random", N, Seed]) ->
    io:setopts([binary]),
    each_line(fun(Type) -> random(list_to_atom(Module), Type, list_to_integer(N), list_to_integer(Seed)) end),
    halt(0).

each_line(Fun) ->
    case io:get_line("") of
        eof -> ok;
        Line -> Fun(string:trim(Line)), each_line(Fun)
    end.

recode(Module, Type, Bytes) ->
    case Module:decode(Type, Bytes) of
        {ok, Value, _Rest} ->
            case Module:encode(Type, Value) of
                {ok, Out} -> hex(Out);
                {error, Reason} -> ["error encoding ", error_text(Reason)]
            end;
        {error, Reason} -> ["error decoding ", error_text(Reason)]
    end.

hex(Bytes) -> string:lowercase(binary:encode_hex(Bytes)).

%% One line whatever it says.
error_text(Reason) -> ["error ", [C || C <- lists:flatten(io_lib:format("~0P", [Reason, 40])), C =/= $\n]].

%% asn1ct's values know neither object sets nor extension groups, and never end for a type that holds itself: such a
%% type gives no line. Heap and time bound the attempt.
random(Module, Type, N, Seed) ->
    {Pid, Ref} = spawn_opt(fun() ->
        rand:seed(exsss, {Seed, erlang:phash2(Type), 1}),
        exit({made, [Out || _ <- lists:seq(1, N), {ok, Out} <- [attempt(Module, binary_to_atom(Type))]]})
    end, [monitor, {max_heap_size, #{size => 300000, kill => true, error_logger => false}}]),
    receive
        {'DOWN', Ref, process, Pid, {made, Values}} ->
            [io:put_chars([Type, $\s, hex(V), $\n]) || V <- Values];
        {'DOWN', Ref, process, Pid, _} -> ok
    after 1000 -> exit(Pid, kill), receive {'DOWN', Ref, process, Pid, _} -> ok end
    end.

attempt(Module, Type) ->
    try {ok, Value} = asn1ct:value(Module, Type), Module:encode(Type, Value)
    catch _:_ -> error end.
