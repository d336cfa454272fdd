%% SPDX-License-Identifier: Apache-2.0
%% Values of tests/unit/lib/asn1/kinds.asn that take fragmented lengths, as Erlang encodes them: lines "TYPE HEX".
-module(large).
-export([main/0]).

main() ->
    Values = [{'Bits', binary:copy(<<16#a5>>, 2500)},
              {'Bits', <<(binary:copy(<<16#5a>>, 10000))/bitstring, 5:3>>},
              {'Octets', binary:copy(<<"abc">>, 30000)},
              {'List', [I rem 256 || I <- lists:seq(1, 20000)]},
              {'List', [I rem 256 || I <- lists:seq(1, 65536 + 16384)]},
              {'Choice2', {octets, binary:copy(<<"abc">>, 30000)}},
              {'Choice2', {octets, binary:copy(<<"a">>, 16380)}},
              {'Choice2', {octets, binary:copy(<<"a">>, 200)}}],
    [begin {ok, Bytes} = 'KINDS':encode(Type, Value),
           io:put_chars([atom_to_list(Type), $\s, string:lowercase(binary:encode_hex(Bytes)), $\n])
     end || {Type, Value} <- Values],
    halt(0).
