"""The dashboard: `necc app`, or `streamlit run dashboard.py`. What surrounds the pages is in necc/app."""

from necc import app

app.configure()
page = app.navigation()
with app.frame(page) as wanted:
    if wanted:
        page.run()
