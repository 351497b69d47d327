"""Proof that no payment is lost, doubled or unexplained: four harnesses over the real code, and bugs put in as control.

* `simulator`: random schedules of people, workers, banks and faults, on a database in memory; one seed tells all of it;
* `sweep`: one payment on each rail, with a fault at every single point where a process can die;
* `interleaving`: two threads, one statement at a time, in an order that a seed decides; on both databases;
* `killing`: real worker processes on a database file, killed at random.

`bugs` holds mistakes that are put into the real code one at a time; each must be found by the harness it names.
"""
