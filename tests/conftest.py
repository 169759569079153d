"""The environment that every test runs in: nobody's settings, no proxy of this machine, and
repeatable examples."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No settings but those of a test; programs that it starts inherit that."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home))
        for name in [name for name in os.environ if name.startswith("OBTUI_")]:
            patch.delenv(name)
        yield home


_counted = itertools.count()


@pytest.fixture(autouse=True)
def nothing_remembered(nobodys_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test its own, which is not even made: what one leaves, no other finds."""
    monkeypatch.setenv("XDG_STATE_HOME", str(nobodys_home / f"state-{next(_counted)}"))


LONG_FORMS = (
    "test_export_memory.py::",
    "test_export_books.py::test_a_real_captures_lines_are_its_books[5000]",
    "test_csv_l2.py::test_a_real_capture_is_rebuilt[current-ethusd",
    "test_csv_l2.py::test_a_real_capture_is_rebuilt[v1-btcusd",
    "test_csv_snapshot.py::test_the_rows_of_a_real_capture_are_its_tops",
    "test_index_kept.py::test_a_damaged_index_is_made_anew",
    "test_reader_memory.py::",
    "test_compress.py::test_a_full_disk_leaves_what_can_be_read_and_gone_on_with",
    "test_replay_seek.py::test_after_every_seek_the_book_is_that_of_a_session_fed_from_the_beginning[False",
    "byte_for_byte[b.jsonl.zst-rotate1-1]",
    "byte_for_byte[b.jsonl.zst-rotate4-2]",
    "test_replay_command.py::test_a_pipe_without_a_line_is_waited_for_on_the_screen[]",
    "byte_for_byte[b.jsonl.zst-rotate2-2]",
    "test_flow.py::test_an_hour_neither_drains_nor_floods_nor_crosses_the_book[ETHUSD]",
    "test_headless_terminal.py::test_a_signal_ends_it_also_while_its_terminal_is_stalled"
    "[SIGTERM-unread]",
    "test_flow.py::test_an_hour_neither_drains_nor_floods_nor_crosses_the_book[BTCUSD]",
    "test_headless_terminal.py::test_a_signal_ends_it_also_while_its_terminal_is_stalled"
    "[SIGINT-ctrl_s]",
    "test_headless_terminal.py::test_a_signal_ends_it_also_while_its_terminal_is_stalled"
    "[SIGHUP-ctrl_s]",
    "test_headless_terminal.py::test_the_duration_ends_it_also_while_its_terminal_is_stalled",
    "test_signals.py::test_a_signal_does_so_also_while_the_terminal_is_not_read[SIGINT]",
    "test_signals.py::test_a_signal_does_so_also_while_the_terminal_is_not_read[SIGHUP]",
    "test_live_streams.py::test_both_protocols_end_in_the_same_book",
    "test_live_streams.py::test_a_real_stream_is_right_at_every_level_after_every_frame"
    "[current-ethusd",
    "test_export_books.py::test_a_real_captures_lines_are_its_books[10]",
    "test_app_frames.py::test_it_is_the_same_after_many_resizes",
    "test_server.py::test_a_client_that_does_not_read_is_cut_and_the_others_are_not_held_up",
    "test_terminal.py::test_a_window_that_is_dragged_unread_ends_in_the_present_picture",
    "test_kraken_capture.py::test_every_digit",
    "test_binance_capture.py::test_the_stream_is_spliced_and_agrees_with_the_venues_best_prices[whole",
    "test_binance_capture.py::test_it_plays_in_a_terminal",
    "test_kill.py::test_kill_9_at_20_000_messages_a_second[wire.jsonl]",
    "test_several_live.py::test_a_signal_on_the_screen_ends_all_recordings_whole[unread]",
    "test_simulated_feeds.py::test_so_does_any_other_of_any_protocol",
    "test_disks.py::test_a_file_system_that_is_really_full[wire.jsonl.zst]",
    "test_ladder_forms.py::test_it_fits_every_size_with_all_that_can_be_on[Form.STACKED]",
    "test_ladder_forms.py::test_it_fits_every_size_with_all_that_can_be_on[Form.SIDE_BY_SIDE]",
    "test_anchored.py::test_every_price_has_its_row_with_what_rests_there[deep",
    "test_palette.py::test_no_keys_and_sizes_end_it",
    "test_layouts_shown.py::test_it_fits_without_colours",
    "test_links.py::test_after_a_stall_the_far_end_is_current_at_once",
    "test_layouts_shown.py::test_it_fits[obtui-colour-blind",
    "test_layouts_shown.py::test_it_fits[obtui-light",
    "test_layouts_shown.py::test_it_fits_without_colours[map]",
    "test_market_palette.py::test_a_shelf_is_opened_where_it_stands",
    "test_market_palette.py::test_each_that_is_opened_has_a_thread_of_its_own",
    "test_hostile_frames.py::test_any_json",
    "test_hostile_replies.py::test_values_of_another_type",
    "test_further.py::test_a_venue_opens_the_same_asset",
    "test_suspending.py::test_ctrl_z_works_also_where_the_terminal_was_not_read",
    "test_suspending.py::test_going_on_without_having_stopped_only_paints_anew",
    "test_anchored.py::test_every_price_has_its_row_with_what_rests_there[wide",
    "test_headless_terminal.py::test_a_signal_ends_it_also_while_its_terminal_is_stalled"
    "[SIGTERM-ctrl_s]",
    "test_csv_l2.py::test_a_real_capture_is_rebuilt[v1",
    "test_replay_command.py::test_an_idle_pipe_does_not_hold_up_the_exit",
    "test_flow.py::test_the_model_looks_as_its_docstring_says",
    "test_plain_command.py::test_several_are_told_and_recorded",
    "test_market_palette.py::test_a_list_that_is_not_here_yet_is_said_to_be_asked_for",
    "test_overview.py::test_the_overview_of_many_keeps_the_chosen_row_in_sight[size0]",
    "test_live_streams.py::test_a_real_stream_is_right_at_every_level_after_every_frame"
    "[current-btcusd",
    "byte_for_byte[b.jsonl-rotate3-1]",
    "test_arbitrage.py::test_it_keeps_venues_together_that_part_without_it",
    "test_plain_command.py::test_a_reader_that_has_enough_ends_it_without_a_word",
    "test_g_with_no_time_says_so_and_stays[25:00:00]",
    "test_g_with_no_time_says_so_and_stays[+nan]",
    "test_g_with_no_time_says_so_and_stays[2026-13-01]",
    "test_g_with_no_time_says_so_and_stays[[b]12]",
    "test_g_goes_to_a_time[+5",
    "test_g_may_be_left[leave1]",
    "test_gone_elsewhere_the_words_of_a_mark_are_gone[.]",
    "test_gone_elsewhere_the_words_of_a_mark_are_gone[<]",
    "test_gone_elsewhere_the_words_of_a_mark_are_gone[space]",
    "test_a_toast_hides_neither_the_top_line_nor_the_foot[size1]",
    "test_a_toast_hides_neither_the_top_line_nor_the_foot[size3]",
    "test_in_a_pipe_each_key_that_seeks_says_why_not[<]",
    "test_in_a_pipe_each_key_that_seeks_says_why_not[,]",
    "test_in_a_pipe_each_key_that_seeks_says_why_not[{]",
    "test_in_a_pipe_each_key_that_seeks_says_why_not[}]",
    "test_plus_and_minus_change_the_speed[---",
    "test_plus_and_minus_change_the_speed[=",
    "test_any_time_is_reached_through_the_index[plain]",
    "test_a_fault_costs_one_connection_and_one_resync[binance-garbled]",
    "test_a_fault_costs_one_connection_and_one_resync[coinbase-lost]",
    "test_a_connection_that_is_closed_at_once_is_tried_again[coinbase]",
    "test_a_connection_that_is_closed_at_once_is_tried_again[gemini-v1]",
    "test_stats_panel.py::test_every_size_is_painted[size1]",
    "test_stats_panel.py::test_every_size_is_painted[size3]",
    "test_stats_panel.py::test_every_size_is_painted[size5]",
    "test_sweep_panel.py::test_every_size_is_painted[size1]",
    "test_sweep_panel.py::test_every_size_is_painted[size3]",
    "test_sweep_panel.py::test_every_size_is_painted[size5]",
    "test_the_model_is_near_the_real_market[5]",
    "test_levels_of_both_stand_in_one_ladder[size1]",
    "test_levels_of_both_stand_in_one_ladder[size3]",
    "test_the_overview_of_many_keeps_the_chosen_row_in_sight[size2]",
    "test_no_colour_code_reaches_the_terminal[empty]",
    "test_the_top_line_always_says_replay_and_the_recordings_time[size1]",
    "test_what_a_key_stopped_is_named_at_the_end[q]",
    "test_it_fits[obtui-tape]",
    "test_a_toast_hides_neither_the_top_line_nor_the_foot[size2]",
    "test_g_goes_to_a_time[+999",
    "test_it_fits[obtui-map]",
    "test_it_fits[obtui-book]",
    "test_the_top_line_always_says_replay_and_the_recordings_time[size2]",
    "test_anchored.py::test_every_price_has_its_row_with_what_rests_there[1-",
    "test_grouping.py::test_groups_are_the_sums_of_their_levels[1-",
    "test_grouping.py::test_groups_are_the_sums_of_their_levels[2-",
    "test_what_is_remembered_of_the_last_time_is_never_old[1]",
    "test_what_is_remembered_of_the_last_time_is_never_old[2]",
    "test_what_is_remembered_of_the_last_time_is_never_old[3]",
    "test_traded.py::test_it_agrees_with_the_naive_way[1]",
    "test_traded.py::test_it_agrees_with_the_naive_way[3]",
    "test_traded.py::test_it_agrees_with_the_naive_way[5]",
    "test_changes_walk.py::test_it_agrees_with_the_naive_way[1",
    "test_a_terminal_that_cannot_show_it_is_told_what_to_set[dumb]",
    "test_a_terminal_that_cannot_show_it_is_told_what_to_set[posix]",
    "test_stats_panel.py::test_every_size_is_painted[size2]",
    "test_sweep_panel.py::test_every_size_is_painted[size2]",
    "test_the_help_opens_and_closes[q]",
    "test_what_is_appended_is_written_until_a_signal[15]",
    "test_a_checkpoint_is_the_session_that_read_from_the_start[gz]",
)
"""Tests of some seconds whose subject a shorter one covers too: they run with the soak, so that the
whole command stays under four minutes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(form in item.nodeid for form in LONG_FORMS):
            item.add_marker(pytest.mark.soak)
